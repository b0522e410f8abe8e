// The first sentence of an InputError.
#pragma once

#include <string>

#include "engine/base/input_error.h"

namespace amnok {

template <class Run>
std::string message_of(const Run& run) {
  try {
    run();
  } catch (const InputError& error) {
    return error.problems().at(0).message;
  }
  return "no error";
}

// The same with its hint.
template <class Run>
std::string advice_of(const Run& run) {
  try {
    run();
  } catch (const InputError& error) {
    return error.problems().at(0).message + "; hint: " + error.problems().at(0).hint;
  }
  return "no error";
}

}  // namespace amnok
