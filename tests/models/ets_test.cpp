#include "models/ets/ets.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// Trend, a season of four and noise, all positive.
VectorXd seasonal_series(int n) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({5, Purpose::simulation, 3}, 0, e);
  VectorXd y(n);
  const double season[] = {0.8, 1.1, 1.3, 0.8};
  for (int t = 0; t < n; ++t) {
    y(t) = (100 + 0.8 * t) * season[t % 4] * (1 + 0.03 * e[static_cast<std::size_t>(t)]);
  }
  return y;
}

Future ahead(const Sample& sample, int horizon) {
  return {{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
}

}  // namespace

TEST_CASE("ets: derivatives match differences in every form") {
  const VectorXd y = seasonal_series(40);
  for (const EtsForm& form : candidate_forms(4, true)) {
    const EtsLikelihood likelihood(form, y);
    const VectorXd u =
        likelihood.parameters().to_unconstrained(likelihood.solver_values(likelihood.start(0.3)));
    VectorXd r, up, down;
    MatrixXd jacobian;
    REQUIRE(likelihood.residuals(u, r, &jacobian));
    for (Eigen::Index j = 0; j < u.size(); ++j) {
      const double h = 1e-6 * std::max(1.0, std::fabs(u(j)));
      VectorXd moved = u;
      moved(j) += h;
      REQUIRE(likelihood.residuals(moved, up, nullptr));
      moved(j) -= 2 * h;
      REQUIRE(likelihood.residuals(moved, down, nullptr));
      const VectorXd difference = (up - down) / (2 * h);
      INFO(form_text(form) << " parameter " << j);
      CHECK((jacobian.col(j) - difference).cwiseAbs().maxCoeff() <
            1e-5 * (1 + difference.cwiseAbs().maxCoeff()));
    }
  }
}

TEST_CASE("ets: the moments of a forecast are those of simulated paths, in every form") {
  constexpr int kDraws = 20000, kHorizon = 9;
  const VectorXd y = seasonal_series(60);
  const Sample sample = plain_sample(y, 4);
  for (const EtsForm& form : candidate_forms(4, true)) {
    const BoundEts model(form, sample);
    EtsParameters p = model.likelihood().start(0.3);
    p.beta = form.trend ? 0.05 : 0;
    p.gamma = form.seasonal() ? 0.1 : 0;
    FitResult fit = model.evaluate([&] {
      ParameterVector v = model.likelihood().parameters();
      v.set_values(model.likelihood().solver_values(p));
      return v;
    }());
    fit.sigma2 = form.multiplicative_error ? 0.05 * 0.05 : 25;
    const Forecast forecast = model.forecast(fit, ahead(sample, kHorizon));
    ParameterDraws draws{fit.parameters.values().replicate(1, kDraws),
                         VectorXd::Constant(kDraws, std::sqrt(fit.sigma2))};
    const auto past = model.past_state(fit, draws, 1, 0, 0);
    DrawMatrix shocks(kHorizon, kDraws), paths(kHorizon, kDraws);
    std::vector<double> column(kHorizon);
    for (int r = 0; r < kDraws; ++r) {
      fill_normals({3, Purpose::simulation, 8}, static_cast<std::uint32_t>(r), column);
      shocks.col(r) = Eigen::Map<VectorXd>(column.data(), kHorizon);
    }
    model.simulate(draws, *past, {{}, {}, {}}, shocks, 0, kHorizon, paths);
    for (int h = 0; h < kHorizon; ++h) {
      const double mean = paths.row(h).mean();
      const double variance = (paths.row(h).array() - mean).square().mean();
      INFO(form_text(form) << " step " << h + 1);
      CHECK(std::fabs(mean - forecast.mean(h)) < 4.5 * std::sqrt(forecast.variance(h) / kDraws));
      CHECK(variance == Approx(forecast.variance(h)).epsilon(0.06));
    }
  }
}

TEST_CASE("ets: the choice finds the season, and says what it compared") {
  const FittedModel fitted = fit_model(*make_ets({}), plain_sample(seasonal_series(80), 4));
  REQUIRE(fitted.result.usable());
  CHECK(dynamic_cast<const BoundEts&>(*fitted.model).likelihood().form().season ==
        EtsForm::Season::multiplicative);
  REQUIRE(fitted.result.tables.size() == 1);
  CHECK(fitted.result.tables[0].rows.size() == 15);
}

TEST_CASE("ets: standardised residuals are those of the error, additive or multiplicative") {
  for (const char* form : {"AAA", "MAM"}) {
    EtsSpec spec;
    spec.form = form;
    const FittedModel fitted = fit_model(*make_ets(spec), plain_sample(seasonal_series(60), 4));
    const VectorXd z = fitted.result.standardised_residuals();
    INFO(form);
    CHECK(z.squaredNorm() / fitted.result.nobs == Approx(1).epsilon(1e-9));
  }
}

TEST_CASE("ets: y times c changes nothing but scale") {
  const VectorXd y = seasonal_series(60);
  const Sample base = plain_sample(y, 4);
  const FittedModel reference = fit_model(*make_ets({}), base);
  const Forecast expected = reference.model->forecast(reference.result, ahead(base, 8));
  for (double c : {1e-9, 1e9}) {
    const Sample scaled = plain_sample(c * y, 4);
    const FittedModel fitted = fit_model(*make_ets({}), scaled);
    CHECK(dynamic_cast<const BoundEts&>(*fitted.model).likelihood().form() ==
          dynamic_cast<const BoundEts&>(*reference.model).likelihood().form());
    const Forecast forecast = fitted.model->forecast(fitted.result, ahead(scaled, 8));
    CHECK((forecast.mean / c - expected.mean).norm() < 1e-4 * expected.mean.norm());
  }
}

// R 4.2, forecast 8.20: ets(JohnsonJohnson, model = "AAN", damped = FALSE) has alpha = beta = 0.0906
// and, without the constant that R leaves out, a log-likelihood of -184.5633. A trend that hardly
// learns ends 1.6 lower.
TEST_CASE("ets: a trend that learns as fast as the level is found") {
  const VectorXd y =
      (VectorXd(84) << 0.71, 0.63, 0.85, 0.44, 0.61, 0.69, 0.92, 0.55, 0.72, 0.77, 0.92, 0.60, 0.83,
       0.80, 1.00, 0.77, 0.92, 1.00, 1.24, 1.00, 1.16, 1.30, 1.45, 1.25, 1.26, 1.38, 1.86, 1.56,
       1.53, 1.59, 1.83, 1.86, 1.53, 2.07, 2.34, 2.25, 2.16, 2.43, 2.70, 2.25, 2.79, 3.42, 3.69,
       3.60, 3.60, 4.32, 4.32, 4.05, 4.86, 5.04, 5.04, 4.41, 5.58, 5.85, 6.57, 5.31, 6.03, 6.39,
       6.93, 5.85, 6.93, 7.74, 7.83, 6.12, 7.74, 8.91, 8.28, 6.84, 9.54, 10.26, 9.54, 8.73, 11.88,
       12.06, 12.15, 8.91, 14.04, 12.96, 14.85, 9.99, 16.20, 14.67, 16.02, 11.61)
          .finished();
  EtsSpec spec;
  spec.form = "AAN";
  const FitResult fit = fit_model(*make_ets(spec), plain_sample(y, 4)).result;
  constexpr double kObservations = 84;
  const double constant =
      0.5 * kObservations * (std::log(2 * std::numbers::pi / kObservations) + 1);
  CHECK(fit.log_likelihood + constant > -184.5634);
}

TEST_CASE("ets: a gap at the end equals the shorter series") {
  VectorXd y = seasonal_series(60);
  y.tail(3).setConstant(kMissing);
  const Sample with_gap = plain_sample(y, 4), shorter = plain_sample(y.head(57), 4);
  EtsSpec spec;
  spec.form = "MAM";
  const FittedModel a = fit_model(*make_ets(spec), with_gap),
                    b = fit_model(*make_ets(spec), shorter);
  CHECK(a.result.log_likelihood == Approx(b.result.log_likelihood).epsilon(1e-9));
  const double four_ahead = b.model->forecast(b.result, ahead(shorter, 4)).mean(3);
  CHECK(a.model->forecast(a.result, ahead(with_gap, 1)).mean(0) ==
        Approx(four_ahead).epsilon(2e-2));
}

TEST_CASE("ets: what cannot be fitted says why") {
  const auto message = [](const std::string& form, const VectorXd& y, int season) {
    EtsSpec spec;
    spec.form = form;
    try {
      fit_model(*make_ets(spec), plain_sample(y, season));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  using Catch::Contains;
  CHECK_THAT(message("", VectorXd::Constant(20, 3), 1), Contains("y is constant (3)"));
  CHECK_THAT(message("", VectorXd::LinSpaced(3, 1, 2), 1), Contains("3 observations"));
  CHECK_THAT(message("AAA", seasonal_series(30), 1), Contains("has no season, but AAA needs one"));
  CHECK_THAT(message("MNN", seasonal_series(30).array() - 100, 4), Contains("zero or below"));
}

}  // namespace amnok
