// What every registered plugin must do, on its own example.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/model/model.h"
#include "engine/stats/random_stream.h"
#include "models/builtin.h"
#include "models/trade_elasticity/trade_elasticity.h"

namespace amnok {

namespace {

constexpr int kDraws = 4000;

// Every registered plugin, and forms of them that keep a past of their own.
PluginList examined_plugins() {
  PluginList plugins = builtin_plugins();
  for (auto* example : {dynamic_elasticity_example, poisson_elasticity_example,
                        panel_elasticity_example, poisson_panel_elasticity_example}) {
    plugins.push_back(trade_elasticity_plugin());
    plugins.back().example = example;
  }
  return plugins;
}

FittedModel fit_example(const Plugin& plugin, const ModelExample& example) {
  FittedModel fitted = fit_model(*example.model, example.sample);
  INFO(plugin.name << ": " << fitted.result.message);
  REQUIRE(fitted.result.usable());
  return fitted;
}

ParameterDraws at_estimates(const FitResult& fit, int count) {
  ParameterDraws draws;
  draws.parameters = fit.parameters.values().replicate(1, count);
  draws.sigma = VectorXd::Constant(count, std::sqrt(fit.sigma2));
  return draws;
}

DrawnFuture drawn(const Future& future) {
  DrawnFuture result{future.range, {}, shared_events(future.events)};
  for (Eigen::Index j = 0; j < future.regressors.cols(); ++j) {
    result.regressors.push_back(future.regressors.col(j));
  }
  return result;
}

DrawMatrix normals(Eigen::Index rows, int count, std::uint64_t seed) {
  DrawMatrix shocks(rows, count);
  std::vector<double> column(static_cast<std::size_t>(rows));
  for (int r = 0; r < count; ++r) {
    fill_normals({seed, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), column);
    shocks.col(r) = Eigen::Map<const VectorXd>(column.data(), rows);
  }
  return shocks;
}

DrawMatrix simulate(const FittedModel& fitted, const ModelExample& example,
                    const ParameterDraws& draws, std::uint64_t seed) {
  const auto past = fitted.model->past_state(fitted.result, draws, seed, 0, 0);
  DrawMatrix paths(example.future.range.count, draws.sigma.size());
  fitted.model->simulate(draws, *past, drawn(example.future),
                         normals(paths.rows(), static_cast<int>(paths.cols()), seed), 0,
                         static_cast<int>(paths.rows()), paths);
  return paths;
}

}  // namespace

TEST_CASE("contract: every plugin has a name, a summary and documented options", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    INFO(plugin.name);
    CHECK_FALSE(plugin.summary.empty());
    for (const Option& option : plugin.schema.options) {
      INFO(option.key);
      CHECK_FALSE(option.help.empty());
      CHECK_FALSE(option.types.empty());
    }
  }
}

TEST_CASE("contract: the example's parameters are recovered", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    for (const auto& [name, truth] : example.truth) {
      INFO(plugin.name << " " << name);
      const int index = fitted.result.parameters.index_of(name);
      REQUIRE(index >= 0);
      const double error = fitted.result.standard_error(index);
      REQUIRE(error > 0);
      CHECK(std::fabs(fitted.result.parameters.values()(index) - truth) <
            example.tolerance * error);
    }
  }
}

TEST_CASE("contract: a fit describes itself", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FitResult fit = fit_example(plugin, example).result;
    INFO(plugin.name);
    CHECK(fit.plugin == plugin.name);
    CHECK_FALSE(fit.equation.empty());
    CHECK_FALSE(fit.message.empty());
    CHECK_FALSE(fit.covariance_kind.empty());
    CHECK(fit.nobs > 0);
    CHECK(fit.covariance.rows() == fit.parameters.size());
    CHECK(fit.residuals.size() == example.sample.y.size());
    CHECK(std::isfinite(fit.log_likelihood));
    CHECK(std::isfinite(fit.sigma2));
    CHECK((fit.covariance - fit.covariance.transpose()).norm() <
          1e-12 * (1 + fit.covariance.norm()));
  }
}

TEST_CASE("contract: start values are admissible and transforms round-trip", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const ParameterVector start = example.model->bind(example.sample)->start();
    INFO(plugin.name);
    CHECK(start.is_admissible(start.values()));
    const VectorXd u = start.to_unconstrained(start.values());
    CHECK((start.to_natural(u) - start.values()).norm() < 1e-9 * (1 + start.values().norm()));
  }
}

TEST_CASE("contract: derivatives match finite differences", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const auto bound = example.model->bind(example.sample);
    const Problem problem = bound->problem();
    const auto* ls = std::get_if<NonlinearLeastSquares>(&problem);
    if (ls == nullptr) continue;
    INFO(plugin.name);
    const VectorXd x = ls->starts.front().array() + 0.1;
    VectorXd r, up, down;
    MatrixXd j;
    REQUIRE(ls->evaluate(x, r, &j));
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      VectorXd at = x;
      at(i) += 1e-6;
      REQUIRE(ls->evaluate(at, up, nullptr));
      at(i) -= 2e-6;
      REQUIRE(ls->evaluate(at, down, nullptr));
      // Kaufman's Jacobian leaves out a part that is orthogonal to the residuals: the gradient is
      // exact.
      const double gradient = r.dot(j.col(i));
      const double difference = (up.squaredNorm() - down.squaredNorm()) / 4e-6;
      CHECK(gradient == Approx(difference).epsilon(1e-5).margin(1e-6 * r.squaredNorm()));
    }
  }
}

TEST_CASE("contract: the forecast variance is positive and does not shrink", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    INFO(plugin.name);
    const Forecast known = fitted.model->forecast(fitted.result, example.future);
    const Forecast uncertain =
        forecast_with_parameter_uncertainty(*fitted.model, fitted.result, example.future);
    for (Eigen::Index h = 0; h < known.variance.size(); ++h) {
      CHECK(known.variance(h) > 0);
      if (h > 0) CHECK(known.variance(h) >= known.variance(h - 1) * (1 - 1e-9));
      CHECK(uncertain.variance(h) >= known.variance(h));
      CHECK(uncertain.mean(h) == known.mean(h));
    }
  }
}

TEST_CASE("contract: simulated paths have the forecast's mean and variance", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    const Forecast forecast = fitted.model->forecast(fitted.result, example.future);
    const DrawMatrix paths = simulate(fitted, example, at_estimates(fitted.result, kDraws), 11);
    INFO(plugin.name);
    for (Eigen::Index h = 0; h < paths.rows(); ++h) {
      const double mean = paths.row(h).mean();
      const double variance = (paths.row(h).array() - mean).square().mean();
      CHECK(std::fabs(mean - forecast.mean(h)) < 4.5 * std::sqrt(forecast.variance(h) / kDraws));
      CHECK(variance == Approx(forecast.variance(h)).epsilon(4.5 * std::sqrt(2.0 / kDraws)));
    }
  }
}

TEST_CASE("contract: parameter draws have the estimated distribution", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    const ParameterDraws draws = fitted.model->draw_parameters(fitted.result, 5, 0, 0, kDraws);
    INFO(plugin.name);
    for (int i = 0; i < fitted.result.parameters.size(); ++i) {
      const double error = fitted.result.standard_error(i);
      const double mean = draws.parameters.row(i).mean();
      const double sd = std::sqrt((draws.parameters.row(i).array() - mean).square().mean());
      CHECK(std::fabs(mean - fitted.result.parameters.values()(i)) < 5 * error / std::sqrt(kDraws));
      // Student's t is wider than its scale.
      const double df = fitted.result.inference_df;
      CHECK(sd == Approx(df > 2 ? error * std::sqrt(df / (df - 2)) : error).epsilon(0.06));
    }
    CHECK((draws.sigma.array() > 0).all());
  }
}

TEST_CASE("contract: the same seed gives the same bits, in any blocks", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    INFO(plugin.name);
    const ParameterDraws whole = fitted.model->draw_parameters(fitted.result, 5, 2, 0, 40);
    const ParameterDraws part = fitted.model->draw_parameters(fitted.result, 5, 2, 25, 10);
    CHECK((whole.parameters.middleCols(25, 10).array() == part.parameters.array()).all());
    CHECK((whole.sigma.segment(25, 10).array() == part.sigma.array()).all());
    const DrawMatrix a = simulate(fitted, example, whole, 5),
                     b = simulate(fitted, example, whole, 5);
    CHECK((a.array() == b.array()).all());
  }
}

TEST_CASE("contract: simulating period by period equals simulating at once", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    const ParameterDraws draws = fitted.model->draw_parameters(fitted.result, 5, 0, 0, 20);
    const auto past = fitted.model->past_state(fitted.result, draws, 5, 0, 0);
    const auto horizon = static_cast<int>(example.future.range.count);
    const DrawMatrix shocks = normals(horizon, 20, 5);
    DrawMatrix once(horizon, 20), steps(horizon, 20);
    fitted.model->simulate(draws, *past, drawn(example.future), shocks, 0, horizon, once);
    for (int h = 0; h < horizon; ++h) {
      fitted.model->simulate(draws, *past, drawn(example.future), shocks, h, h + 1, steps);
    }
    INFO(plugin.name);
    CHECK((once - steps).cwiseAbs().maxCoeff() < 1e-10);
  }
}

TEST_CASE("contract: at the estimates a shock enters its period times its scale", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    const ParameterDraws draws = at_estimates(fitted.result, 1);
    const auto past = fitted.model->past_state(fitted.result, draws, 5, 0, -1);
    const auto horizon = static_cast<int>(example.future.range.count);
    DrawMatrix shocks = DrawMatrix::Zero(horizon, 1), base(horizon, 1), moved(horizon, 1);
    fitted.model->simulate(draws, *past, drawn(example.future), shocks, 0, horizon, base);
    const double scale = fitted.model->shock_scale(draws, shocks, base, 3)(0);
    shocks(3, 0) = 1;
    fitted.model->simulate(draws, *past, drawn(example.future), shocks, 0, horizon, moved);
    INFO(plugin.name);
    if (fitted.model->shocks_are_linear()) CHECK(scale == Approx(draws.sigma(0)).epsilon(1e-9));
    CHECK(moved(2, 0) == base(2, 0));
    CHECK(moved(3, 0) - base(3, 0) == Approx(scale).epsilon(1e-9));
  }
}

TEST_CASE("contract: a shock moves its own period by its scale", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    const FittedModel fitted = fit_example(plugin, example);
    if (!fitted.model->shocks_are_linear()) continue;  // their tests fix paths
    const ParameterDraws draws = fitted.model->draw_parameters(fitted.result, 5, 0, 0, 20);
    const auto past = fitted.model->past_state(fitted.result, draws, 5, 0, 0);
    const auto horizon = static_cast<int>(example.future.range.count);
    DrawMatrix shocks = normals(horizon, 20, 5), base(horizon, 20), moved(horizon, 20);
    fitted.model->simulate(draws, *past, drawn(example.future), shocks, 0, horizon, base);
    const Eigen::RowVectorXd scale = fitted.model->shock_scale(draws, shocks, base, 3);
    shocks.row(3).array() += 1.5;
    fitted.model->simulate(draws, *past, drawn(example.future), shocks, 0, horizon, moved);
    INFO(plugin.name);
    const double size = base.row(3).cwiseAbs().maxCoeff();
    CHECK((moved.row(3) - base.row(3) - 1.5 * scale).cwiseAbs().maxCoeff() < 1e-11 * (1 + size));
  }
}

TEST_CASE("contract: standardised residuals have variance one", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const FittedModel fitted = fit_example(plugin, plugin.example());
    const VectorXd z = fitted.result.standardised_residuals();
    INFO(plugin.name);
    double squares = 0;
    for (double x : z) squares += std::isnan(x) ? 0 : x * x;
    CHECK(squares / fitted.result.nobs == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("contract: results do not depend on the unit of the target", "[contract]") {
  for (const Plugin& plugin : examined_plugins()) {
    const ModelExample example = plugin.example();
    // Other units of a panel, which a sample carries as further columns, have their own targets.
    if (example.sample.regressors.cols() > example.future.regressors.cols()) continue;
    const FitResult base = fit_example(plugin, example).result;
    for (double c : {1e-9, 1e9}) {
      ModelExample scaled = plugin.example();
      scaled.sample.y *= c;
      const FitResult fit = fit_example(plugin, scaled).result;
      INFO(plugin.name << " times " << c);
      CHECK(fit.sigma2 / (c * c) == Approx(base.sigma2).epsilon(1e-5));
      const double shift = base.nobs * std::log(c);
      CHECK(fit.log_likelihood + shift == Approx(base.log_likelihood).epsilon(1e-6));
    }
  }
}

}  // namespace amnok
