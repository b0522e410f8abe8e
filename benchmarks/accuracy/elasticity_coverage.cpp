// What intervals of elasticities cover and how often their tests reject, on simulated data.
//
//   amnok-elasticity-coverage [SAMPLES]     SAMPLES simulated for every row (default 2000)
//
// Tables in markdown, as docs/trade_elasticity.md prints them. The standard error of a share p is
// sqrt(p (1 - p) / SAMPLES): 0.5 points at 95 % with 2000.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/elasticity_experiments.h"
#include "tests/support/elasticity_samples.h"

namespace amnok {

namespace {

void print_long_run(int samples) {
  fmt::print(
      "| adjustment | regressor | Fieller, BIC | Fieller, AICc | Fieller, lags known | delta, BIC "
      "| "
      "Fieller unbounded |\n|---|---|---|---|---|---|---|\n");
  for (double f : {0.4, 0.6, 0.8}) {
    for (double rho : {0.5, 0.8, 0.95}) {
      DynamicRegression process;
      process.f = f;
      process.rho = rho;
      const auto covered = [&](std::optional<ArdlCriterion> criterion) {
        return long_run_coverage(process, 60, samples, criterion);
      };
      const LongRunCoverage bic = covered(ArdlCriterion::bic);
      fmt::print("| {:.1f} | AR(1), {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n", 1 - f,
                 rho, 100 * bic.fieller, 100 * covered(ArdlCriterion::aicc).fieller,
                 100 * covered({}).fieller, 100 * bic.delta, 100 * bic.unbounded);
      std::fflush(stdout);
    }
  }
}

void print_static(int samples) {
  struct Kind {
    const char* name;
    std::optional<RobustKind> errors;
  };
  struct Design {
    int n;
    double rho;
  };
  const Design designs[] = {{21, 0},   {60, 0},   {60, 0.5}, {60, 0.7},
                            {96, 0.5}, {96, 0.7}, {240, 0.7}};
  std::string head = "\n| errors |", rule = "\n|---|";
  for (const Design& d : designs) {
    head += fmt::format(" n = {}, rho {} |", d.n, d.rho);
    rule += "---|";
  }
  fmt::print("{}{}\n", head, rule);
  for (const Kind& kind :
       {Kind{"ewc (default)", {}}, Kind{"newey_west_fixed_b", RobustKind::newey_west_fixed_b},
        Kind{"andrews", RobustKind::andrews}, Kind{"newey_west", RobustKind::newey_west},
        Kind{"classical", RobustKind::classical}}) {
    ElasticitySpec spec;
    spec.errors = kind.errors;
    const auto model = make_trade_elasticity(spec);
    fmt::print("| {} |", kind.name);
    for (const Design& d : designs) {
      int count = 0;
      for (int s = 0; s < samples; ++s) {
        const Sample sample = elasticity_sample(static_cast<std::uint32_t>(s), d.n, d.rho);
        const Coefficient slope = coefficient_table(fit_model(*model, sample).result)[1];
        count += slope.ci_low < -0.3 && slope.ci_high > -0.3 ? 1 : 0;
      }
      fmt::print(" {:.1f} |", 100.0 * count / samples);
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
}

void print_bounds(int samples) {
  fmt::print("\n| regressors | F rejects | t rejects |\n|---|---|---|\n");
  for (int k : {1, 2}) {
    for (double rho : {0.0, 1.0}) {
      const BoundsSize size = bounds_size(40, k, rho, samples);
      fmt::print("| {} I({}) | {:.1f} | {:.1f} |\n", k, rho, 100 * size.f, 100 * size.t);
    }
  }
}

void print_instruments(int samples) {
  fmt::print(
      "\n| first stage | expected F | Anderson-Rubin rejects | 2SLS rejects |\n|---|---|---|---|"
      "\n");
  for (double strength : {0.02, 0.1, 0.2, 0.5, 1.0}) {
    const InstrumentSize size = instrument_size(100, strength, samples);
    fmt::print("| {} | {:.1f} | {:.1f} | {:.1f} |\n", strength, 1 + 100 * strength * strength,
               100 * size.anderson_rubin, 100 * size.two_stage);
  }
}

void print_panel(int samples) {
  using Errors = ElasticitySpec::PanelErrorsKind;
  fmt::print("\n| panel | clustered | two_way_clustered | driscoll_kraay |\n|---|---|---|---|\n");
  struct Design {
    const char* name;
    int units, periods;
    bool common;
    double shared, rho;
  };
  for (const Design& d :
       {Design{"4 units, 60 periods, independent", 4, 60, false, 0, 0.4},
        Design{"4 units, 60 periods, common regressor and shocks", 4, 60, true, 0.5, 0.4},
        Design{"30 units, 12 periods, independent", 30, 12, false, 0, 0.4},
        Design{"30 units, 60 periods, common regressor and shocks", 30, 60, true, 0.5, 0.4}}) {
    const auto covered = [&](Errors errors) {
      return 100 * panel_coverage(d.units, d.periods, d.common, d.shared, d.rho, errors,
                                  std::max(samples / 4, 1));
    };
    fmt::print("| {} | {:.1f} | {:.1f} | {:.1f} |\n", d.name, covered(Errors::clustered),
               covered(Errors::two_way), covered(Errors::driscoll_kraay));
  }
}

void print_cointegration(int samples) {
  fmt::print(
      "\n| n | autocorrelation of u | ARDL, Fieller | dynamic OLS | fully modified OLS | "
      "Engle-Granger finds | Johansen finds | both |\n|---|---|---|---|---|---|---|---|\n");
  for (int n : {60, 120}) {
    for (double rho : {0.0, 0.5, 0.8, 1.0}) {
      const CointegrationShares share = cointegration_shares(n, rho, samples);
      const auto cover = [&](double value) {
        return rho == 1 ? std::string() : fmt::format("{:.1f}", 100 * value);
      };
      fmt::print("| {} | {} | {} | {} | {} | {:.1f} | {:.1f} | {:.1f} |\n", n, rho,
                 cover(share.fieller), cover(share.dynamic_ols), cover(share.fully_modified),
                 100 * share.engle_granger, 100 * share.johansen, 100 * share.verdict);
      std::fflush(stdout);
    }
  }
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  const int samples = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 2000;
  fmt::print("Shares in percent, {} samples a row (a quarter of them for panels).\n\n", samples);
  amnok::print_long_run(samples);
  amnok::print_static(samples);
  amnok::print_bounds(samples);
  amnok::print_instruments(samples);
  amnok::print_panel(samples);
  amnok::print_cointegration(samples);
}
