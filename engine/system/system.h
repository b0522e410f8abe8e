// Fitted equations and identities as one system, solved draw by draw.
//
// Variables hang together through expressions. Strongly connected components (block_order.h) that
// hold one variable are simulated over the whole horizon at once; the others period by period, in
// the order of their dependence within the period, and by Newton's method (block_solver.h) where
// they depend on each other in the same period.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/expression.h"
#include "engine/data/series.h"
#include "engine/model/model.h"
#include "engine/model/plugin.h"
#include "engine/stats/shock_distribution.h"
#include "engine/system/draw_row.h"

namespace amnok {

struct BehaviouralEquation {
  std::string name;
  Target target;
  std::vector<Expression> regressors;
  std::vector<std::string> events;  // whose activity it uses (interventions)
  std::shared_ptr<const Model> model;
  Sample sample;
  FittedModel fitted;
  ShockDistribution shocks;      // gaussian unless the config asks for another
  VectorXd scores;               // residuals as normal scores of `shocks`; empty: gaussian, no need
  bool parameters_drawn = true;  // false: every draw has the estimates
};

struct Identity {
  std::string name;
  Expression expression;
};

// What a scenario does to a system, resolved to numbers. Paths are H x 1, or H x R where they are
// drawn with an assumption.
struct SystemInputs {
  struct ParameterChange {
    std::size_t equation = 0;
    int parameter = 0;
    DrawRow factor = 1, shift = 0;  // new = factor * old + shift
    bool recentre = true;
  };
  std::map<std::string, DrawMatrix> exogenous;    // paths
  DrawnEvents events;                             // history and future
  std::map<std::size_t, DrawMatrix> add_factors;  // by equation, in model units
  std::map<std::size_t, DrawMatrix> multipliers;  // by equation, on the untransformed variable
  std::map<std::string, DrawMatrix> fixed;        // endogenous paths; NaN where free
  std::vector<ParameterChange> parameters;
};

// The random part of a block of draws: the same for every scenario.
struct SystemDraws {
  std::uint64_t seed = 0;
  int first = 0, count = 0;
  std::vector<ParameterDraws> parameters;              // by equation
  std::vector<std::shared_ptr<const PastState>> past;  // by equation
  std::vector<DrawMatrix> shocks;  // by equation, H x R, correlated, of its distribution
};

class System {
 public:
  // `history` holds every variable up to the period before the horizon, gaps of explained variables
  // filled, and identities evaluated.
  System(std::vector<BehaviouralEquation> equations, std::vector<Identity> identities,
         Frame history, PeriodRange horizon);

  const std::vector<BehaviouralEquation>& equations() const { return equations_; }
  const std::vector<Identity>& identities() const { return identities_; }
  const PeriodRange& horizon() const { return horizon_; }
  const Frame& history() const { return history_; }
  const std::vector<std::string>& variables() const { return variables_; }  // endogenous, in order
  int index_of(std::string_view variable) const;                            // -1: not endogenous
  // Components in the order in which they are solved, each the names of its variables.
  std::vector<std::vector<std::string>> blocks() const;
  const MatrixXd& correlation() const { return correlation_; }  // of the equations' shocks

  SystemDraws draw(std::uint64_t seed, int first, int count) const;
  // The same with some of it held at its expectation: parameters (and the state of the past) at
  // their estimates, shocks at zero.
  struct Sources {
    bool parameters = true, shocks = true;
  };
  SystemDraws draw(std::uint64_t seed, int first, int count, Sources sources) const;
  // One draw at the estimates with all shocks zero, for tests and deterministic solutions.
  SystemDraws at_estimates() const;

  // Paths of every endogenous variable, H x R each, in the order of variables(). `draws.shocks` are
  // taken as they are; where a path is fixed, `implied` (when given) returns the shocks that give
  // it.
  std::vector<DrawMatrix> simulate(const SystemDraws& draws, const SystemInputs& inputs,
                                   std::vector<DrawMatrix>* implied = nullptr) const;

  // Variable `name` in horizon period h less `lag`, of simulated paths.
  DrawRow value(const std::vector<DrawMatrix>& paths, const SystemInputs& inputs,
                const std::string& name, int h, int lag) const;
  DrawRow evaluate(const Expression& expression, const std::vector<DrawMatrix>& paths,
                   const SystemInputs& inputs, int h) const;
  // Equations that move a variable, directly or through others, at any lag.
  std::vector<bool> upstream(const std::vector<std::string>& variables) const;

 private:
  struct Node {
    int equation = -1, identity = -1;  // one of them
    std::vector<int> uses;             // endogenous variables, at any lag
    std::vector<int> uses_now;         // at lag zero
  };
  class Run;

  void build_graph();
  void order_blocks();
  // Of the normals that shocks are made from: of residuals, of their normal scores where shocks are
  // not gaussian.
  MatrixXd residual_correlation() const;

  std::vector<BehaviouralEquation> equations_;
  std::vector<Identity> identities_;
  Frame history_;
  PeriodRange horizon_;
  std::vector<std::string> variables_;
  std::vector<Node> nodes_;
  std::vector<std::vector<int>> blocks_;  // each in the order of its period solution
  // Of each block: what has to be solved together within a period, in that order.
  std::vector<std::vector<std::vector<int>>> period_blocks_;
  MatrixXd correlation_, correlation_root_;
};

}  // namespace amnok
