#include "engine/data/identity_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "engine/data/evaluate.h"

namespace amnok {

namespace {

struct Figure {
  std::string variable;
  Period period;
  auto operator<=>(const Figure&) const = default;
};

constexpr std::size_t kMaxFigures = 14;  // subsets that are tried: 2^14

class Examiner {
 public:
  Examiner(const std::vector<IdentityCheck>& checks, const Frame& frame)
      : checks_(checks), frame_(frame) {}

  IdentityReport run() {
    report_.periods.assign(checks_.size(), 0);
    for (std::size_t c = 0; c < checks_.size(); ++c) {
      const PeriodRange& all = frame_.range();
      for (std::int64_t i = 0; i < all.count; ++i) {
        const Period t = all[i];
        if (checks_[c].at && !checks_[c].at->contains(t)) continue;
        const auto sides = evaluate_at(c, t, {}, 1);
        if (std::isnan(sides.first) || std::isnan(sides.second)) continue;
        ++report_.periods[c];
        instances_.emplace_back(c, t);
        if (!holds(c, sides)) report_.violations.push_back({c, t, sides.first, sides.second});
      }
    }
    std::set<std::size_t> explained;
    for (std::size_t v = 0; v < report_.violations.size(); ++v) {
      if (!explained.contains(v)) explain(v, explained);
    }
    return std::move(report_);
  }

 private:
  using Instance = std::pair<std::size_t, Period>;  // a check in a period

  bool holds(std::size_t c, const std::pair<double, double>& sides) const {
    const IdentityCheck& check = checks_[c];
    const double size = std::max(std::fabs(sides.first), std::fabs(sides.second));
    const double limit = (check.absolute ? check.tolerance : check.tolerance * size) + 1e-9 * size;
    const double gap = sides.first - sides.second;
    if (check.relation.relation == ">=") return gap >= -limit;
    if (check.relation.relation == "<=") return gap <= limit;
    return std::fabs(gap) <= limit;
  }

  // Both sides with some figures multiplied by a factor.
  std::pair<double, double> evaluate_at(std::size_t c, Period t, const std::set<Figure>& scaled,
                                        double factor) const {
    const auto side = [&](const Expression& e) {
      return evaluate<double>(e, e.root(), 0, [&](int v, int lag) {
        const std::string& name = e.variables()[static_cast<std::size_t>(v)];
        const double value = frame_.get(name).at(t - lag);
        return scaled.contains({name, t - lag}) ? value * factor : value;
      });
    };
    return {side(checks_[c].relation.left), side(checks_[c].relation.right)};
  }

  std::set<Figure> figures_of(const Instance& instance) const {
    std::set<Figure> figures;
    for (const Expression* e :
         {&checks_[instance.first].relation.left, &checks_[instance.first].relation.right}) {
      evaluate<double>(*e, e->root(), 0, [&](int v, int lag) {
        figures.insert({e->variables()[static_cast<std::size_t>(v)], instance.second - lag});
        return 1.0;
      });
    }
    return figures;
  }

  bool trusted(const std::string& variable) const {
    return std::any_of(checks_.begin(), checks_.end(), [&](const IdentityCheck& check) {
      return std::find(check.trusted.begin(), check.trusted.end(), variable) != check.trusted.end();
    });
  }

  // The instances that hang together with a violation through figures that may be wrong.
  std::pair<std::vector<Instance>, std::vector<Figure>> component(const Instance& seed) const {
    std::set<Instance> instances = {seed};
    std::set<Figure> figures;
    for (bool grew = true; grew;) {
      grew = false;
      for (const Instance& instance : instances) {
        for (const Figure& figure : figures_of(instance)) {
          if (!trusted(figure.variable)) grew = figures.insert(figure).second || grew;
        }
      }
      for (const Instance& instance : instances_) {
        if (instances.contains(instance)) continue;
        const std::set<Figure> own = figures_of(instance);
        const bool touches = std::any_of(own.begin(), own.end(),
                                         [&](const Figure& f) { return figures.contains(f); });
        // A figure reaches over to another period only by a lag; a whole panel is not one
        // component.
        if (touches && std::llabs(instance.second - seed.second) <= 1) {
          grew = instances.insert(instance).second || grew;
        }
      }
    }
    return {{instances.begin(), instances.end()}, {figures.begin(), figures.end()}};
  }

  void explain(std::size_t v, std::set<std::size_t>& explained) {
    const Instance seed{report_.violations[v].check, report_.violations[v].period};
    const auto found = component(seed);
    const std::vector<Instance>& instances = found.first;
    const std::vector<Figure>& figures = found.second;
    if (figures.size() > kMaxFigures) return;
    const auto repairs_all = [&](const std::set<Figure>& scaled, double factor) {
      return std::all_of(instances.begin(), instances.end(), [&](const Instance& i) {
        return holds(i.first, evaluate_at(i.first, i.second, scaled, factor));
      });
    };
    // The fewest figures first, then the smallest slip.
    std::vector<unsigned> subsets;
    for (unsigned bits = 1; bits < (1u << figures.size()); ++bits) subsets.push_back(bits);
    std::stable_sort(subsets.begin(), subsets.end(),
                     [](unsigned a, unsigned b) { return std::popcount(a) < std::popcount(b); });
    for (unsigned bits : subsets) {
      std::set<Figure> scaled;
      for (std::size_t i = 0; i < figures.size(); ++i) {
        if ((bits >> i) & 1u) scaled.insert(figures[i]);
      }
      for (double factor : {0.1, 10.0, 0.01, 100.0, 0.001, 1000.0, 1e-4, 1e4}) {
        if (!repairs_all(scaled, factor)) continue;
        add_repair(instances, figures, scaled, factor, explained);
        return;
      }
    }
  }

  void add_repair(const std::vector<Instance>& instances, const std::vector<Figure>& figures,
                  const std::set<Figure>& scaled, double factor, std::set<std::size_t>& explained) {
    Repair repair;
    repair.factor = factor;
    const auto figure = [&](const Figure& f, double by) {
      const double value = frame_.get(f.variable).at(f.period);
      return RepairedFigure{f.variable, f.period, value, value * by};
    };
    for (const Figure& f : scaled) repair.figures.push_back(figure(f, factor));
    const bool anchored = std::any_of(instances.begin(), instances.end(), [&](const Instance& i) {
      const std::set<Figure> own = figures_of(i);
      return std::any_of(own.begin(), own.end(),
                         [&](const Figure& f) { return trusted(f.variable); });
    });
    if (!anchored) {
      for (const Figure& f : figures) {
        if (!scaled.contains(f)) repair.alternative.push_back(figure(f, 1 / factor));
      }
      // All figures by one factor is the same identity in other units.
      std::set<Figure> others;
      for (const Figure& f : figures) {
        if (!scaled.contains(f)) others.insert(f);
      }
      const bool works = std::all_of(instances.begin(), instances.end(), [&](const Instance& i) {
        return holds(i.first, evaluate_at(i.first, i.second, others, 1 / factor));
      });
      if (!works) repair.alternative.clear();
    }
    for (std::size_t v = 0; v < report_.violations.size(); ++v) {
      const Instance instance{report_.violations[v].check, report_.violations[v].period};
      if (std::find(instances.begin(), instances.end(), instance) != instances.end()) {
        repair.violations.push_back(v);
        explained.insert(v);
      }
    }
    report_.repairs.push_back(std::move(repair));
  }

  const std::vector<IdentityCheck>& checks_;
  const Frame& frame_;
  std::vector<Instance> instances_;
  IdentityReport report_;
};

}  // namespace

IdentityReport check_identities(const std::vector<IdentityCheck>& checks, const Frame& frame) {
  return Examiner(checks, frame).run();
}

std::string factor_words(double factor) {
  const bool large = factor < 1;
  const long times = std::lround(large ? 1 / factor : factor);
  return fmt::format("{} times too {}", times == 10 ? "ten" : fmt::format("{}", times),
                     large ? "large" : "small");
}

}  // namespace amnok
