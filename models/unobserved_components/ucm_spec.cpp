#include "models/unobserved_components/ucm_spec.h"

#include <cmath>
#include <numbers>

#include "engine/base/check.h"

namespace amnok {

namespace {

using Triplet = Eigen::Triplet<double>;

// Fills T, Q, z and the start, a component after another.
class Assembly {
 public:
  Assembly(const UcmSpec& spec, const UcmValues& values) : spec_(spec), values_(values) {
    const int m = state_count(spec);
    model_.states.noise = model_.states.initial_covariance = MatrixXd::Zero(m, m);
    model_.states.initial_diffuse = MatrixXd::Identity(m, m);
    model_.states.initial_mean = VectorXd::Zero(m);
    model_.states.transition.resize(m, m);
    model_.loading = VectorXd::Zero(m);
    model_.observation_variance = values.irregular * values.irregular;
  }

  InvariantModel build() {
    add_trend();
    if (spec_.seasonal == UcmSpec::Seasonal::dummy) add_dummy_season();
    if (spec_.seasonal == UcmSpec::Seasonal::trigonometric) add_harmonics();
    if (spec_.cycle) add_cycle();
    model_.states.transition.setFromTriplets(entries_.begin(), entries_.end());
    return std::move(model_);
  }

 private:
  void add_trend() {
    entries_.emplace_back(0, 0, 1.0);
    model_.loading(0) = 1;
    model_.states.noise(0, 0) = values_.level * values_.level;
    next_ = 1;
    if (!spec_.slope) return;
    entries_.emplace_back(0, 1, 1.0);
    entries_.emplace_back(1, 1, 1.0);
    model_.states.noise(1, 1) = values_.slope * values_.slope;
    next_ = 2;
  }

  // s_t = -(s_{t-1} + ... + s_{t-p+1}) + omega_t
  void add_dummy_season() {
    const int count = spec_.period - 1;
    for (int j = 0; j < count; ++j) {
      entries_.emplace_back(next_, next_ + j, -1.0);
      if (j > 0) entries_.emplace_back(next_ + j, next_ + j - 1, 1.0);
    }
    model_.loading(next_) = 1;
    model_.states.noise(next_, next_) = values_.seasonal * values_.seasonal;
    next_ += count;
  }

  void add_harmonics() {
    const int last = spec_.harmonics > 0 ? spec_.harmonics : spec_.period / 2;
    for (int j = 1; j <= last; ++j) {
      add_rotation(2 * std::numbers::pi * j / spec_.period, 1, values_.seasonal,
                   2 * j == spec_.period);
    }
  }

  // (c, c*)' = rho [cos sin; -sin cos] (c, c*)' + kappa; the second is not needed at frequency pi.
  void add_rotation(double frequency, double damping, double sd, bool half_turn) {
    model_.loading(next_) = 1;
    model_.states.noise(next_, next_) = sd * sd;
    if (half_turn) {
      entries_.emplace_back(next_, next_, -damping);
      next_ += 1;
      return;
    }
    const double c = damping * std::cos(frequency), s = damping * std::sin(frequency);
    entries_.emplace_back(next_, next_, c);
    entries_.emplace_back(next_, next_ + 1, s);
    entries_.emplace_back(next_ + 1, next_, -s);
    entries_.emplace_back(next_ + 1, next_ + 1, c);
    model_.states.noise(next_ + 1, next_ + 1) = sd * sd;
    next_ += 2;
  }

  // A damped cycle starts from its stationary distribution, sigma^2 / (1 - rho^2).
  void add_cycle() {
    const int at = next_;
    const double rho = values_.cycle_damping;
    add_rotation(2 * std::numbers::pi / values_.cycle_period, rho, values_.cycle, false);
    if (!spec_.cycle_damped) return;
    for (int j : {at, at + 1}) {
      model_.states.initial_diffuse(j, j) = 0;
      model_.states.initial_covariance(j, j) = values_.cycle * values_.cycle / (1 - rho * rho);
    }
  }

  const UcmSpec& spec_;
  const UcmValues& values_;
  InvariantModel model_;
  std::vector<Triplet> entries_;
  int next_ = 0;
};

int seasonal_states(const UcmSpec& spec) {
  if (spec.seasonal == UcmSpec::Seasonal::none) return 0;
  if (spec.seasonal == UcmSpec::Seasonal::dummy) return spec.period - 1;
  const int harmonics = spec.harmonics > 0 ? spec.harmonics : spec.period / 2;
  return 2 * harmonics - (2 * harmonics == spec.period ? 1 : 0);
}

}  // namespace

std::vector<std::string> moving_components(const UcmSpec& spec) {
  std::vector<std::string> names;
  if (spec.irregular) names.emplace_back("irregular");
  if (spec.level_moves) names.emplace_back("level");
  if (spec.slope && spec.slope_moves) names.emplace_back("slope");
  if (spec.seasonal != UcmSpec::Seasonal::none && spec.seasonal_moves) {
    names.emplace_back("seasonal");
  }
  if (spec.cycle && spec.cycle_moves) names.emplace_back("cycle");
  return names;
}

double& component_sd(UcmValues& values, const std::string& name) {
  if (name == "irregular") return values.irregular;
  if (name == "level") return values.level;
  if (name == "slope") return values.slope;
  if (name == "seasonal") return values.seasonal;
  AMNOK_CHECK(name == "cycle", "{} is no component", name);
  return values.cycle;
}

int state_count(const UcmSpec& spec) {
  return 1 + (spec.slope ? 1 : 0) + seasonal_states(spec) + (spec.cycle ? 2 : 0);
}

std::vector<UcmPart> parts_of(const UcmSpec& spec) {
  const int m = state_count(spec);
  UcmValues values;
  values.cycle_period = 4;
  const VectorXd loading = ucm_model(spec, values).loading;
  std::vector<UcmPart> parts;
  int next = 0;
  const auto add = [&](const std::string& name, int count) {
    UcmPart part{name, VectorXd::Zero(m), next};
    part.loading.segment(next, count) = loading.segment(next, count);
    if (name == "slope") part.loading(next) = 1;  // seen through the level only
    parts.push_back(part);
    next += count;
  };
  add("level", 1);
  if (spec.slope) add("slope", 1);
  if (spec.seasonal != UcmSpec::Seasonal::none) add("seasonal", seasonal_states(spec));
  if (spec.cycle) add("cycle", 2);
  return parts;
}

InvariantModel ucm_model(const UcmSpec& spec, const UcmValues& values, double first_value,
                         double series_variance) {
  UcmSpec proper = spec;
  if (spec.start == UcmSpec::Start::structts) proper.cycle_damped = false;
  InvariantModel model = Assembly(proper, values).build();
  if (spec.start == UcmSpec::Start::structts) {
    StateSpace& s = model.states;
    VectorXd before = VectorXd::Zero(s.size());
    before(0) = first_value;
    const VectorXd reach = s.transition * VectorXd::Ones(s.size());
    s.initial_mean = s.transition * before;
    s.initial_covariance = 1e4 * series_variance * reach * reach.transpose() + s.noise;
    s.initial_diffuse.setZero();
  }
  return model;
}

}  // namespace amnok
