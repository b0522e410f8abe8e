#include "engine/report/scenario_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/counterfactual_report.h"
#include "engine/report/numbers.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

std::string heading(const std::string& text) {
  return fmt::format("\n{}\n{}\n", text,
                     std::string(static_cast<std::size_t>(display_width(text)), '='));
}

std::string probability_text(double p, double error) {
  if (error == 0) return fmt::format("{:.2f}", p);  // all draws, or none
  return error < 0.005 ? fmt::format("{:.3f} ± {:.3f}", p, std::max(error, 0.0005))
                       : fmt::format("{:.2f} ± {:.2f}", p, error);
}

const QuestionSpec& question_of(const RunResults& run, const std::string& name) {
  const auto& questions = run.study.questions;
  return *std::find_if(questions.begin(), questions.end(),
                       [&](const QuestionSpec& q) { return q.name == name; });
}

std::string scenario_name(const RunResults& run, const std::string& scenario) {
  return scenario == kMixture ? "all scenarios, by their probabilities"
                              : "“" + run.scenario_label(scenario) + "”";
}

// "in 2023-12", "in every period from 2022-04 to 2023-12".
std::string span_words(const QuestionSpec& question, const PeriodRange& horizon) {
  const Period first = question.from.value_or(horizon.first);
  const Period last = question.to.value_or(horizon.last());
  if (first == last) return "in " + format_period(first);
  return fmt::format("in {} from {} to {}", question.any ? "some period" : "every period",
                     format_period(first), format_period(last));
}

std::string periods_words(double periods, const PeriodRange& horizon) {
  if (std::isnan(periods)) return "not by " + format_period(horizon.last());
  return format_period(horizon.first + (static_cast<std::int64_t>(periods) - 1));
}

}  // namespace

std::string mixture_text(const RunResults& run) {
  if (run.mixture.empty()) return "";
  std::string text = heading("Expected over the scenarios, the best and the worst of them");
  TextTable table({"in " + format_period(run.horizon.last()), "expected", "90 % band",
                   "highest median", "lowest median"});
  for (const MixtureLine& line : mixture_lines(run)) {
    const std::string& label = run.study.label(line.variable);
    const Distribution& d = *line.distribution;
    const double size = column_size(run, line.variable);
    const auto named = [&](double median, const std::string& scenario) {
      return fmt::format("{} ({})", rounded(median, size), extreme_label(run, line, scenario));
    };
    if (d.undefined > 0) {
      table.add({label, "not defined", "", "", ""});
    } else {
      table.add({label, rounded(d.mean, size),
                 fmt::format("[{}, {}]", rounded(d.quantile(0.05), size),
                             rounded(d.quantile(0.95), size)),
                 named(line.highest_median, line.highest), named(line.lowest_median, line.lowest)});
    }
  }
  return table.empty() ? "" : text + table.text();
}

std::string target_words(const TargetSolution& target) {
  return fmt::format(
      "solved: {} on {} in model units{}", format_significant(target.add_factor, 5),
      target.instrument,
      target.multipliers.size() == 1
          ? fmt::format(", {} for each unit of it", format_significant(target.multipliers[0], 4))
          : "");
}

std::string plausibility_text(const RunResults& run) {
  std::string text;
  for (const ScenarioAccount& account : run.accounts) {
    std::string lines;
    for (const TargetSolution& target : account.targets) {
      lines += fmt::format("    {} = {} in {}: {}\n", target.variable,
                           fmt::format("{:.8g}", target.mean), format_period(target.at),
                           target_words(target));
    }
    if (account.plausibility.df > 0) {
      lines += fmt::format("    {}\n", account.plausibility.words());
    }
    if (account.conditioned) {
      lines += fmt::format("    conditions: {} effective draws of {}\n",
                           format_significant(account.effective_draws, 4), run.draws);
    }
    if (account.unsolved > 0) {
      lines += fmt::format("    {} draws could not be brought to the conditions and are left out\n",
                           account.unsolved);
    }
    if (!lines.empty()) text += "  " + run.scenario_label(account.scenario) + "\n" + lines;
  }
  return text.empty() ? "" : heading("How plausible the scenarios are to the equations") + text;
}

std::vector<std::string> answer_sentences(const RunResults& run) {
  std::vector<std::string> result;
  for (const ProbabilityAnswer& a : run.answers.probabilities) {
    const QuestionSpec& q = question_of(run, a.question);
    result.push_back(fmt::format("P({} {}) = {}, {}", q.claim_text, span_words(q, run.horizon),
                                 probability_text(a.probability, a.mc_error),
                                 scenario_name(run, a.scenario)));
  }
  for (const RecoveryAnswer& a : run.answers.recoveries) {
    const QuestionSpec& q = question_of(run, a.question);
    result.push_back(fmt::format(
        "{} is back at {} % of its mean over {} ({}) with probability {} by {}; median {}, {}",
        run.study.label(a.variable), format_number(100 * q.share), format_range(*q.reference),
        format_significant(a.reference, 4), probability_text(a.probability, a.mc_error),
        format_period(run.horizon.last()), periods_words(a.median, run.horizon),
        scenario_name(run, a.scenario)));
  }
  for (const SolvedAnswer& a : run.answers.solved) {
    const QuestionSpec& q = question_of(run, a.question);
    result.push_back(
        a.note.empty()
            ? fmt::format("P({} {}) = {} needs {} = {} (Monte-Carlo band {} to {}), {}",
                          q.claim_text, span_words(q, run.horizon), format_number(q.probability),
                          a.assumption, format_significant(a.value, 4),
                          format_significant(a.low, 4), format_significant(a.high, 4),
                          scenario_name(run, a.scenario))
            : fmt::format("P({} {}) = {}: {}, {}", q.claim_text, span_words(q, run.horizon),
                          format_number(q.probability), a.note, scenario_name(run, a.scenario)));
  }
  return result;
}

std::vector<std::string> finding_sentences(const RunResults& run) {
  std::vector<std::string> result;
  const auto last = static_cast<std::size_t>(std::max<std::int64_t>(run.horizon.count, 1)) - 1;
  for (const Projection& projection : run.mixture) {
    if (!is_shown(run, projection.variable)) continue;
    const Distribution& d = projection.periods[last];
    if (d.undefined > 0) continue;
    const double size = column_size(run, projection.variable);
    result.push_back(fmt::format(
        "{} in {}, over all scenarios by their probabilities: mean {}, 90 % band {} to {}",
        run.study.label(projection.variable), format_period(run.horizon.last()),
        rounded(d.mean, size), rounded(d.quantile(0.05), size), rounded(d.quantile(0.95), size)));
  }
  for (std::string& sentence : answer_sentences(run)) result.push_back(std::move(sentence));
  for (const ScenarioAccount& account : run.accounts) {
    const std::string label = "“" + run.scenario_label(account.scenario) + "”";
    for (const TargetSolution& target : account.targets) {
      result.push_back(fmt::format("{}: {} of {:.6g} in {} {}", label,
                                   run.study.label(target.variable), target.value,
                                   format_period(target.at), target_words(target)));
    }
    if (account.plausibility.df > 0) {
      result.push_back(label + " is " + account.plausibility.words());
    }
    if (account.conditioned) {
      result.push_back(fmt::format("{}: conditions leave {} effective draws of {}", label,
                                   format_significant(account.effective_draws, 3), run.draws));
    }
  }
  return result;
}

std::string answers_text(const RunResults& run) {
  std::string text;
  for (const std::string& sentence : answer_sentences(run)) text += "  " + sentence + "\n";
  return text.empty() ? "" : heading("Questions") + text;
}

std::string attribution_text(const RunResults& run) {
  if (run.attribution.empty()) return "";
  std::string text = heading("Which change does how much (mean effect in the last period)");
  const auto last = static_cast<std::size_t>(run.horizon.count) - 1;
  std::string effect;
  std::vector<std::string> variables;
  for (const Contribution& c : run.attribution) {
    if (is_shown(run, c.variable) &&
        std::find(variables.begin(), variables.end(), c.variable) == variables.end()) {
      variables.push_back(c.variable);
    }
  }
  for (const EffectSpec& spec : run.study.effects) {
    std::vector<std::string> header = {"change"};
    for (const std::string& variable : variables) header.push_back(variable);
    TextTable table(header);
    std::vector<std::string> row;
    const auto flush = [&] {
      if (row.size() > 1) table.add(row);
      row.clear();
    };
    std::string subject;
    for (const Contribution& c : run.attribution) {
      if (c.effect != spec.name ||
          std::find(variables.begin(), variables.end(), c.variable) == variables.end()) {
        continue;
      }
      const std::string name = c.kind + " " + c.subject;
      if (name != subject) {
        flush();
        subject = name;
        row = {name};
      }
      row.push_back(rounded(c.mean[last], column_size(run, c.variable)));
    }
    flush();
    if (!table.empty()) text += "\n" + spec.label + "\n" + table.text();
  }
  return text;
}

std::string uncertainty_text(const RunResults& run) {
  if (run.uncertainty.empty()) return "";
  const auto last = static_cast<std::size_t>(run.horizon.count) - 1;
  std::string text =
      heading("Where the variance in " + format_period(run.horizon.last()) + " comes from");
  TextTable table({"variable", "scenario", "estimates", "shocks", "assumptions"});
  std::vector<std::string> row;
  for (const UncertaintyShare& share : run.uncertainty) {
    if (!is_shown(run, share.variable)) continue;
    if (row.empty()) row = {run.study.label(share.variable), run.scenario_label(share.scenario)};
    row.push_back(std::isnan(share.share[last]) ? "–"
                                                : fmt::format("{:.0f} %", 100 * share.share[last]));
    if (row.size() < 2 + kUncertaintySources.size()) continue;
    table.add(row);
    row.clear();
  }
  return text + table.text();
}

}  // namespace amnok
