#include "engine/study/innovations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/text.h"

namespace amnok {

namespace {

// Residuals of mean zero and variance one: by period, NaN where there is none, and those present.
struct Standardised {
  VectorXd all, present;
};
Standardised recentred(const VectorXd& residuals) {
  Standardised z;
  std::vector<double> present;
  for (double e : residuals) {
    if (std::isfinite(e)) present.push_back(e);
  }
  z.present = Eigen::Map<const VectorXd>(present.data(), std::ssize(present));
  if (present.empty()) return z;
  const double mean = z.present.mean();
  z.present.array() -= mean;
  const double sd = std::sqrt(z.present.squaredNorm() / static_cast<double>(present.size()));
  if (!(sd > 0)) return {};  // an equation without errors
  z.present /= sd;
  z.all = (residuals.array() - mean) / sd;
  return z;
}

std::string tail_note(const TailFit& tail, Eigen::Index residuals) {
  std::string note = fmt::format(
      "innovations are Student t with {} degrees of freedom, by maximum likelihood on {} residuals "
      "(held in [{}, {:.0f}])",
      format_significant(tail.df, 3), residuals, kLowestTailDf, kHighestTailDf);
  const std::string ratio =
      fmt::format("the likelihood ratio against the normal is {:.2f}, {} the 5 % value {:.2f}",
                  std::max(tail.likelihood_ratio, 0.0),
                  tail.likelihood_ratio < kTailCritical ? "below" : "above", kTailCritical);
  if (tail.likelihood_ratio < kTailCritical) {
    return note + "; the residuals do not ask for them: " + ratio;
  }
  return note + "; " + ratio;
}

std::string bootstrap_note(const VectorXd& z) {
  return fmt::format(
      "innovations are the {} residuals, centred, scaled to variance one and drawn with "
      "replacement; no shock goes beyond {} and {} standard deviations",
      z.size(), format_significant(z.minCoeff(), 3), format_significant(z.maxCoeff(), 3));
}

}  // namespace

SourceRange innovations_place(const Study& study, std::string_view equation) {
  for (const EquationSpec& spec : study.equations) {
    if (spec.name == equation && spec.innovations) return spec.options.where("innovations");
  }
  return study.run.innovations_where;
}

void set_innovations(BehaviouralEquation& equation, const EquationSpec& spec, const Study& study,
                     ProblemList& problems) {
  const Innovations wanted = spec.innovations.value_or(study.run.innovations);
  FitResult& fit = equation.fitted.result;
  if (wanted == Innovations::gaussian || fit.status == FitStatus::failed) return;
  const auto [all, z] = recentred(fit.standardised_residuals());
  if (z.size() < kMinInnovations) {
    problems.error(
        innovations_place(study, spec.name),
        fmt::format("{} is \"{}\", but must be \"gaussian\" where an equation has fewer than {} "
                    "residuals: models.{} has {}",
                    spec.innovations ? fmt::format("models.{}.innovations", spec.name)
                                     : std::string("run.innovations"),
                    innovations_name(wanted), kMinInnovations, spec.name, z.size()),
        spec.innovations
            ? ""
            : fmt::format("write innovations = \"gaussian\" in [models.{}]", spec.name));
    return;
  }
  if (wanted == Innovations::student_t) {
    const TailFit tail = fit_student_t(z);
    equation.shocks = ShockDistribution(StudentTMap(tail.df));
    fit.notes.push_back(tail_note(tail, z.size()));
  } else {
    equation.shocks = ShockDistribution(EmpiricalQuantile(z));
    fit.notes.push_back(bootstrap_note(z));
  }
  equation.scores = all.unaryExpr(
      [&equation](double x) { return std::isfinite(x) ? equation.shocks.score(x) : kMissing; });
}

}  // namespace amnok
