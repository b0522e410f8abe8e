// The Kronecker product and the matrices that go with it (Magnus & Neudecker 1988, ch. 2 and 3).
// vec stacks columns; vech stacks the columns of the lower triangle.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// a (x) b: block (i, j) is a_ij b.
inline MatrixXd kronecker(const MatrixView& a, const MatrixView& b) {
  MatrixXd product(a.rows() * b.rows(), a.cols() * b.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
      product.block(i * b.rows(), j * b.cols(), b.rows(), b.cols()) = a(i, j) * b;
    }
  }
  return product;
}

// K vec(A) = vec(A') for a k x k matrix A.
inline MatrixXd commutation_matrix(Eigen::Index k) {
  MatrixXd result = MatrixXd::Zero(k * k, k * k);
  for (Eigen::Index i = 0; i < k; ++i) {
    for (Eigen::Index j = 0; j < k; ++j) result(j + i * k, i + j * k) = 1;
  }
  return result;
}

// L vec(A) = vech(A).
inline MatrixXd elimination_matrix(Eigen::Index k) {
  MatrixXd result = MatrixXd::Zero(k * (k + 1) / 2, k * k);
  Eigen::Index row = 0;
  for (Eigen::Index j = 0; j < k; ++j) {
    for (Eigen::Index i = j; i < k; ++i) result(row++, i + j * k) = 1;
  }
  return result;
}

// D vech(A) = vec(A) for a symmetric A.
inline MatrixXd duplication_matrix(Eigen::Index k) {
  MatrixXd result = MatrixXd::Zero(k * k, k * (k + 1) / 2);
  Eigen::Index column = 0;
  for (Eigen::Index j = 0; j < k; ++j) {
    for (Eigen::Index i = j; i < k; ++i, ++column) {
      result(i + j * k, column) = result(j + i * k, column) = 1;
    }
  }
  return result;
}

}  // namespace amnok
