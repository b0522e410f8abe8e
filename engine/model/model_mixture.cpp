#include "engine/model/model_mixture.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// Streams of the states of members: apart from each other and from those of other equations.
constexpr std::uint32_t kStride = 1u << 20;

using Columns = std::vector<Eigen::Index>;

struct MemberPast {
  std::size_t member = 0;
  Columns draws;  // of the block, that follow it
  std::shared_ptr<const PastState> past;
  DrawMatrix parameters;  // of those draws; empty: the equation's
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

class ModelMixture : public BoundModel {
 public:
  ModelMixture(std::vector<FittedModel> members, std::size_t main, MemberPicks picks)
      : members_(std::move(members)), main_(main), picks_(std::move(picks)) {
    for (const FittedModel& member : members_) {
      shared_.push_back(member.result.parameters.names() ==
                        members_[main_].result.parameters.names());
    }
  }

  ParameterVector start() const override { return main_model().start(); }
  Problem problem() const override { return main_model().problem(); }
  FitResult describe(const Solution& solution) const override {
    return main_model().describe(solution);
  }
  FitResult evaluate(const ParameterVector& parameters) const override {
    return main_model().evaluate(parameters);
  }
  std::shared_ptr<const Model> chosen() const override { return main_model().chosen(); }
  Forecast forecast(const FitResult& fit, const Future& future) const override {
    return main_model().forecast(fit, future);
  }
  VectorXd forecast_mean(const FitResult& fit, const Future& future) const override {
    return main_model().forecast_mean(fit, future);
  }
  std::vector<Diagnostic> diagnose(const FitResult& fit) const override {
    return main_model().diagnose(fit);
  }
  VectorXd completed(const FitResult& fit) const override { return main_model().completed(fit); }
  bool shocks_are_linear() const override { return main_model().shocks_are_linear(); }

  ParameterDraws draw_parameters(const FitResult& fit, std::uint64_t seed, std::uint32_t equation,
                                 int first, int count) const override {
    ParameterDraws all{DrawMatrix(fit.parameters.size(), count), VectorXd(count)};
    for (const auto& [member, draws] : followers(seed, equation, first, count)) {
      const ParameterDraws drawn = draws_of(member, fit, seed, equation, first, count);
      for (Eigen::Index r : draws) {
        all.parameters.col(r) =
            shared_[member] ? VectorXd(drawn.parameters.col(r)) : fit.parameters.values();
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
    for (auto& [member, columns] : followers(seed, equation, first, count)) {
      MemberPast part{member, columns, nullptr, {}};
      ParameterDraws own = columns_of(draws, columns);
      if (!shared_[member]) {
        const ParameterDraws drawn = draws_of(member, fit, seed, equation, first, count);
        own.parameters = part.parameters = drawn.parameters(Eigen::all, columns);
      }
      const std::uint32_t stream = equation + static_cast<std::uint32_t>(member) * kStride;
      part.past =
          members_[member].model->past_state(result_of(member, fit), own, seed, stream, first);
      past->members.push_back(std::move(part));
    }
    return past;
  }

  void simulate(const ParameterDraws& draws, const PastState& state, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    for (const MemberPast& part : parts(state)) {
      DrawMatrix own = columns_of(paths, part.draws);
      ParameterDraws parameters = columns_of(draws, part.draws);
      if (part.parameters.size() > 0) parameters.parameters = part.parameters;
      members_[part.member].model->simulate(parameters, *part.past, columns_of(future, part.draws),
                                            columns_of(shocks, part.draws), from, to, own);
      const int rows = to - from;
      for (std::size_t i = 0; i < part.draws.size(); ++i) {
        paths.col(part.draws[i]).segment(from, rows) =
            own.col(static_cast<Eigen::Index>(i)).segment(from, rows);
      }
    }
  }

  bool shares_parameters() const {
    return std::all_of(shared_.begin(), shared_.end(), [](bool shared) { return shared; });
  }

  // Members scale their shocks alike.
  Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                 const DrawMatrix& paths, int h) const override {
    return main_model().shock_scale(draws, shocks, paths, h);
  }

 private:
  const BoundModel& main_model() const { return *members_[main_].model; }

  static const std::vector<MemberPast>& parts(const PastState& state) {
    return dynamic_cast<const MixturePast&>(state).members;
  }

  const FitResult& result_of(std::size_t member, const FitResult& fit) const {
    return member == main_ ? fit : members_[member].result;
  }

  // Draws of a whole block, as if all of it followed the member.
  ParameterDraws draws_of(std::size_t member, const FitResult& fit, std::uint64_t seed,
                          std::uint32_t equation, int first, int count) const {
    return members_[member].model->draw_parameters(result_of(member, fit), seed, equation, first,
                                                   count);
  }

  // Without draws (first < 0) all follow the main model.
  std::vector<std::pair<std::size_t, Columns>> followers(std::uint64_t seed, std::uint32_t equation,
                                                         int first, int count) const {
    std::vector<Columns> of(members_.size());
    if (first < 0) {
      for (int r = 0; r < count; ++r) of[main_].push_back(r);
    } else {
      const std::vector<int> picks = picks_(seed, equation, first, count);
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
  std::vector<bool> shared_;  // members with the main model's parameters
  std::size_t main_;
  MemberPicks picks_;
};

}  // namespace

MemberPicks picks_by_weight(std::vector<double> weights) {
  return [weights = std::move(weights)](std::uint64_t seed, std::uint32_t equation, int first,
                                        int count) {
    std::vector<int> picks;
    for (int r = 0; r < count; ++r) {
      double u = 0;
      fill_uniforms({seed, Purpose::member, equation}, static_cast<std::uint32_t>(first + r),
                    {&u, 1});
      int pick = 0;
      while (pick + 1 < std::ssize(weights) && u >= weights[static_cast<std::size_t>(pick)]) {
        u -= weights[static_cast<std::size_t>(pick++)];
      }
      picks.push_back(pick);
    }
    return picks;
  };
}

bool parameters_are_shared(const BoundModel& model) {
  const auto* mixture = dynamic_cast<const ModelMixture*>(&model);
  return mixture == nullptr || mixture->shares_parameters();
}

std::shared_ptr<const BoundModel> make_model_mixture(std::vector<FittedModel> members,
                                                     std::size_t main, MemberPicks picks) {
  AMNOK_CHECK(main < members.size(), "{} of {}", main, members.size());
  return std::make_shared<ModelMixture>(std::move(members), main, std::move(picks));
}

}  // namespace amnok
