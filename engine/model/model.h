// The plugin contract. A plugin says what to fit; the solver core fits it.
//
//   Model        an immutable specification without data
//   BoundModel   the same on a sample: start values, the problem to solve, forecast, simulation
//   FitResult    what came out
//
// Nothing mutates on a fit, so a fit never depends on the order of calls.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/model/sample.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/log_likelihood.h"
#include "engine/solver/nonlinear_least_squares.h"
#include "engine/solver/partition_search.h"

namespace amnok {

using Problem =
    std::variant<LinearLeastSquares, NonlinearLeastSquares, LogLikelihood, PartitionSearch>;
using Solution = std::variant<LinearFit, NonlinearFit, LikelihoodFit, PartitionFit>;

// Conditional moments of the transformed target over a horizon.
struct Forecast {
  PeriodRange range;
  VectorXd mean;
  VectorXd variance;
};

// Draws of everything in an equation that is uncertain but its innovations.
struct ParameterDraws {
  DrawMatrix parameters;  // p x R, in the order of FitResult::parameters
  VectorXd sigma;         // R: innovation standard deviation
};

// What a simulation needs of the past, draw by draw (states, lagged values). It depends on the
// parameters alone, so that all scenarios share it.
class PastState {
 public:
  virtual ~PastState() = default;
};

class Model;

class BoundModel {
 public:
  virtual ~BoundModel() = default;

  // Names, start values and constraints of what the solver varies.
  virtual ParameterVector start() const = 0;
  virtual Problem problem() const = 0;
  // The result of a solution: coefficients, covariance, likelihood, residuals. The solver's status
  // and message are filled in by fit().
  virtual FitResult describe(const Solution& solution) const = 0;
  // The same at given values of start()'s parameters, without estimation.
  virtual FitResult evaluate(const ParameterVector& parameters) const = 0;
  // A model whose problem is a better approximation near the fit (a nonlinear observation
  // linearised anew); null when this one is good enough.
  virtual std::unique_ptr<BoundModel> refined(const FitResult&) const { return nullptr; }

  // The model with every automatic choice made (orders, forms), to bind to other samples; null: the
  // model itself left nothing open.
  virtual std::shared_ptr<const Model> chosen() const { return nullptr; }

  // Given the parameters of a fit, as if they were known.
  virtual Forecast forecast(const FitResult& fit, const Future& future) const = 0;
  // Its mean alone, where that is cheaper.
  virtual VectorXd forecast_mean(const FitResult& fit, const Future& future) const {
    return forecast(fit, future).mean;
  }
  virtual std::vector<Diagnostic> diagnose(const FitResult&) const { return {}; }
  // The transformed target over the sample with gaps filled as well as the model can; NaN where it
  // cannot. Lags and moving sums of projections start from it.
  virtual VectorXd completed(const FitResult& fit) const = 0;

  // Draws r = first .. first + R - 1 of the parameters from their estimated distribution.
  virtual ParameterDraws draw_parameters(const FitResult& fit, std::uint64_t seed,
                                         std::uint32_t equation, int first, int count) const;
  // first < 0: the expected past, without the uncertainty of the state.
  virtual std::shared_ptr<const PastState> past_state(const FitResult& fit,
                                                      const ParameterDraws& draws,
                                                      std::uint64_t seed, std::uint32_t equation,
                                                      int first) const = 0;
  // Paths of the transformed target, rows `from` to `to` - 1 of H x R; shocks have mean zero and
  // variance one. Rows before `from` hold what was simulated already; add-factors are not in them.
  virtual void simulate(const ParameterDraws& draws, const PastState& past,
                        const DrawnFuture& future, const DrawMatrix& shocks, int from, int to,
                        DrawMatrix& paths) const = 0;
  // How far a shock of one moves its own period, 1 x R: a shock must enter the transformed target
  // of its period linearly,
  //
  //   paths(h, r) = mean(h, r) + scale(r) shocks(h, r)
  //
  // where mean and scale may depend on everything before h. The engine turns the paths that a
  // scenario fixes, and the history of a residual check, into shocks by it, so that they go on as
  // observations would. Row h of `paths` is what simulate() made from `shocks`. Here: sigma.
  virtual Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                         const DrawMatrix& paths, int h) const;
  // False where a shock moves its period in another way (the median of several paths; the paths of
  // several models): shock_scale is then where the engine's search for a shock starts.
  virtual bool shocks_are_linear() const { return true; }
};

class Model {
 public:
  virtual ~Model() = default;
  // Throws InputError when the sample cannot carry the model (too few observations, a constant
  // series, a collinear regressor).
  virtual std::unique_ptr<BoundModel> bind(const Sample& sample) const = 0;
};

FitResult fit(const BoundModel& model);

// A fit and the bound model that the fit refers to (they differ when the model was refined).
struct FittedModel {
  std::shared_ptr<const BoundModel> model;
  FitResult result;
};
FittedModel fit_model(const Model& model, const Sample& sample);

// The forecast with the uncertainty of the parameters by the delta method: variance + g' V g, with
// g the derivative of the mean.
Forecast forecast_with_parameter_uncertainty(const BoundModel& model, const FitResult& fit,
                                             const Future& future);

}  // namespace amnok
