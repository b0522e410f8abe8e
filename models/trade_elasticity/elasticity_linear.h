// What linear equations without lags share: their columns, the rows of their own sample, their
// result at given coefficients and their projection,
//
//   y_t = x_t'b + sigma z_t
#pragma once

#include <vector>

#include "engine/model/model.h"
#include "models/trade_elasticity/elasticity_design.h"
#include "models/trade_elasticity/elasticity_report.h"

namespace amnok {

class LinearElasticity : public BoundModel {
 public:
  ParameterVector start() const override;
  FitResult evaluate(const ParameterVector& parameters) const override;
  Forecast forecast(const FitResult& fit, const Future& future) const override;
  VectorXd completed(const FitResult& fit) const override;
  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws&,
                                              std::uint64_t, std::uint32_t, int) const override;
  void simulate(const ParameterDraws& draws, const PastState&, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override;

 protected:
  LinearElasticity(const ElasticitySpec& spec, const Sample& sample);

  const ElasticitySpec& spec() const { return spec_; }
  const Sample& sample() const { return sample_; }
  const ElasticityDesign& design() const { return design_; }
  const std::vector<int>& rows() const { return rows_; }  // of the sample, complete
  const ReportedRegression& data() const { return data_; }
  std::string target_text() const { return sample_.target.transform.text(sample_.target.variable); }

  // Throws InputError where there are too few rows, or columns that depend on each other.
  void solve_least_squares();
  // Counts, likelihood, residuals and the equation in algebra; no covariance.
  FitResult at_coefficients(const VectorXd& b) const;

 private:
  ElasticitySpec spec_;
  Sample sample_;
  ElasticityDesign design_;
  std::vector<int> rows_;
  ReportedRegression data_;
};

// The same rows for every equation without lags: those with the target and all columns of the
// sample. Fills all but the fit.
std::vector<int> fill_rows(const ElasticityDesign& design, const Sample& sample,
                           ReportedRegression& data);

// Counts of a result on these rows of a sample: observations, missing ones, rows dropped.
void set_counts(const Sample& sample, std::size_t rows, FitResult& result);

}  // namespace amnok
