// The distribution of an equation's simulated shocks, as the config asks for it and its residuals
// have it.
//
// Student t and bootstrap rest on the residuals that the fit standardises, centred and divided by
// their own standard deviation (over n). Their variance is then one whatever the fit took from
// their spread (degrees of freedom, leverage), and sigma alone says how large shocks are: it is
// drawn with the fit's degrees of freedom. Their normal scores give the correlation with the shocks
// of other equations, which the residuals themselves would understate where tails are fat.
#pragma once

#include "engine/study/study.h"
#include "engine/system/system.h"

namespace amnok {

inline constexpr int kMinInnovations = 20;  // residuals from which a distribution is read

// Where the config says it: at the equation, or in [run].
SourceRange innovations_place(const Study& study, std::string_view equation);

// Sets the equation's shocks and scores, and notes in its fit what they are; `spec` is the study's.
// Fewer than kMinInnovations residuals are a problem. A failed fit, which has none, stays gaussian.
void set_innovations(BehaviouralEquation& equation, const EquationSpec& spec, const Study& study,
                     ProblemList& problems);

}  // namespace amnok
