#include "engine/model/regime_mixture.h"

#include <algorithm>

#include "engine/base/check.h"

namespace amnok {

namespace {

// Streams of the states of members: apart from each other and from those of other equations.
constexpr std::uint32_t kStride = 1u << 20;

using Columns = std::vector<Eigen::Index>;

struct MemberPast {
  std::size_t member = 0;
  Columns draws;  // of the block, that follow it
  std::shared_ptr<const PastState> past;
};

struct MixturePast : PastState {
  std::vector<MemberPast> members;  // those that some draw follows
};

DrawMatrix columns_of(const DrawMatrix& matrix, const Columns& draws) {
  return matrix.cols() == 1 ? matrix : DrawMatrix(matrix(Eigen::all, draws));
}

ParameterDraws columns_of(const ParameterDraws& all, const Columns& draws) {
  return {all.parameters(Eigen::all, draws), all.sigma(draws)};
}

DrawnFuture columns_of(const DrawnFuture& future, const Columns& draws) {
  DrawnFuture part{future.range, {}, {}};
  for (const DrawMatrix& regressor : future.regressors) {
    part.regressors.push_back(columns_of(regressor, draws));
  }
  for (const auto& [event, activity] : future.events) {
    DrawnActivity& own = part.events[event];
    if (activity.is_shared()) {
      own = activity;
      continue;
    }
    own.draws.clear();
    for (Eigen::Index r : draws) own.draws.push_back(activity.of(static_cast<std::size_t>(r)));
  }
  return part;
}

class RegimeMixture : public BoundModel {
 public:
  RegimeMixture(std::vector<FittedModel> members, std::size_t estimate, MemberPicks picks)
      : members_(std::move(members)), estimate_(estimate), picks_(std::move(picks)) {}

  ParameterVector start() const override { return main().start(); }
  Problem problem() const override { return main().problem(); }
  FitResult describe(const Solution& solution) const override { return main().describe(solution); }
  FitResult evaluate(const ParameterVector& parameters) const override {
    return main().evaluate(parameters);
  }
  std::shared_ptr<const Model> chosen() const override { return main().chosen(); }
  Forecast forecast(const FitResult& fit, const Future& future) const override {
    return main().forecast(fit, future);
  }
  VectorXd forecast_mean(const FitResult& fit, const Future& future) const override {
    return main().forecast_mean(fit, future);
  }
  std::vector<Diagnostic> diagnose(const FitResult& fit) const override {
    return main().diagnose(fit);
  }
  VectorXd completed(const FitResult& fit) const override { return main().completed(fit); }
  bool shocks_are_linear() const override { return main().shocks_are_linear(); }

  ParameterDraws draw_parameters(const FitResult& fit, std::uint64_t seed, std::uint32_t equation,
                                 int first, int count) const override {
    ParameterDraws all{DrawMatrix(fit.parameters.size(), count), VectorXd(count)};
    for (const auto& [member, draws] : followers(seed, first, count)) {
      const FitResult& own = member == estimate_ ? fit : members_[member].result;
      const ParameterDraws drawn =
          members_[member].model->draw_parameters(own, seed, equation, first, count);
      for (Eigen::Index r : draws) {
        all.parameters.col(r) = drawn.parameters.col(r);
        all.sigma(r) = drawn.sigma(r);
      }
    }
    return all;
  }

  std::shared_ptr<const PastState> past_state(const FitResult& fit, const ParameterDraws& draws,
                                              std::uint64_t seed, std::uint32_t equation,
                                              int first) const override {
    auto past = std::make_shared<MixturePast>();
    const int count = static_cast<int>(draws.sigma.size());
    for (auto& [member, columns] : followers(seed, first, count)) {
      const FitResult& own = member == estimate_ ? fit : members_[member].result;
      const std::uint32_t stream = equation + static_cast<std::uint32_t>(member) * kStride;
      past->members.push_back({member, columns,
                               members_[member].model->past_state(own, columns_of(draws, columns),
                                                                  seed, stream, first)});
    }
    return past;
  }

  void simulate(const ParameterDraws& draws, const PastState& state, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    for (const MemberPast& part : parts(state)) {
      DrawMatrix own = columns_of(paths, part.draws);
      members_[part.member].model->simulate(columns_of(draws, part.draws), *part.past,
                                            columns_of(future, part.draws),
                                            columns_of(shocks, part.draws), from, to, own);
      const int rows = to - from;
      for (std::size_t i = 0; i < part.draws.size(); ++i) {
        paths.col(part.draws[i]).segment(from, rows) =
            own.col(static_cast<Eigen::Index>(i)).segment(from, rows);
      }
    }
  }

  // Members scale their shocks alike.
  Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                 const DrawMatrix& paths, int h) const override {
    return main().shock_scale(draws, shocks, paths, h);
  }

 private:
  const BoundModel& main() const { return *members_[estimate_].model; }

  static const std::vector<MemberPast>& parts(const PastState& state) {
    return dynamic_cast<const MixturePast&>(state).members;
  }

  // Without draws (first < 0) all follow the estimate.
  std::vector<std::pair<std::size_t, Columns>> followers(std::uint64_t seed, int first,
                                                         int count) const {
    std::vector<Columns> of(members_.size());
    if (first < 0) {
      for (int r = 0; r < count; ++r) of[estimate_].push_back(r);
    } else {
      const std::vector<int> picks = picks_(seed, first, count);
      for (int r = 0; r < count; ++r) {
        of[static_cast<std::size_t>(picks[static_cast<std::size_t>(r)])].push_back(r);
      }
    }
    std::vector<std::pair<std::size_t, Columns>> followed;
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (!of[i].empty()) followed.emplace_back(i, std::move(of[i]));
    }
    return followed;
  }

  std::vector<FittedModel> members_;
  std::size_t estimate_;
  MemberPicks picks_;
};

}  // namespace

std::shared_ptr<const BoundModel> make_regime_mixture(std::vector<FittedModel> members,
                                                      std::size_t estimate, MemberPicks picks) {
  AMNOK_CHECK(estimate < members.size(), "{} of {}", estimate, members.size());
  for (const FittedModel& member : members) {
    AMNOK_CHECK(member.result.parameters.names() == members[estimate].result.parameters.names(),
                "members with different parameters");
  }
  return std::make_shared<RegimeMixture>(std::move(members), estimate, std::move(picks));
}

}  // namespace amnok
