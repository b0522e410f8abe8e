// How an estimation ended. Not converging is an answer, with a reason; it is no exception.
#pragma once

#include <string_view>

namespace amnok {

enum class FitStatus {
  not_run,
  converged,
  not_converged,  // the numbers are the best found; do not rest a result on them
  failed          // there are no numbers: too few observations, a singular problem, ...
};

constexpr std::string_view status_name(FitStatus status) {
  switch (status) {
    case FitStatus::converged:
      return "converged";
    case FitStatus::not_converged:
      return "not_converged";
    case FitStatus::failed:
      return "failed";
    case FitStatus::not_run:
      break;
  }
  return "not_run";
}

}  // namespace amnok
