#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/config/json_schema.h"
#include "engine/study/study.h"
#include "models/builtin.h"

namespace amnok {

namespace {

// fits.json and `amnok fit --json`; a test reads real output against it.
constexpr const char* kResults = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Amnok fits",
  "description": "fits.json and `amnok fit --json`. Numbers that do not exist are null.",
  "type": "object",
  "required": ["models"],
  "properties": {
    "models": {
      "type": "object",
      "additionalProperties": {
        "type": "object",
        "required": ["plugin", "equation", "status", "message", "sample", "nobs", "missing", "dropped",
                     "log_likelihood", "sigma2", "sigma2_df", "aic", "aicc", "bic", "rss", "r2",
                     "coefficients", "covariance_kind", "diagnostics"],
        "properties": {
          "plugin": {"type": "string"},
          "equation": {"type": "string", "description": "in algebra"},
          "status": {"enum": ["not_run", "converged", "not_converged", "failed"]},
          "message": {"type": "string", "description": "with the numbers that decided the status"},
          "sample": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
          "nobs": {"type": "integer", "description": "observations used (less those that differencing costs)"},
          "missing": {"type": "integer", "description": "periods of the sample without an observation"},
          "dropped": {"type": "integer", "description": "rows dropped because a regressor is missing"},
          "log_likelihood": {"type": ["number", "null"]},
          "sigma2": {"type": ["number", "null"], "description": "innovation variance, maximum likelihood"},
          "sigma2_df": {"type": ["number", "null"], "description": "the same over nobs less the number of coefficients"},
          "aic": {"type": ["number", "null"]},
          "aicc": {"type": ["number", "null"]},
          "bic": {"type": ["number", "null"]},
          "rss": {"type": ["number", "null"]},
          "r2": {"type": ["number", "null"]},
          "coefficients": {
            "type": "array",
            "items": {
              "type": "object",
              "required": ["name", "estimate", "std_error", "statistic", "p_value", "ci95"],
              "properties": {
                "name": {"type": "string"},
                "estimate": {"type": ["number", "null"]},
                "std_error": {"type": ["number", "null"]},
                "statistic": {"type": ["number", "null"]},
                "p_value": {"type": ["number", "null"]},
                "ci95": {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}
              }
            }
          },
          "covariance_kind": {"type": "string"},
          "diagnostics": {
            "type": "array",
            "items": {
              "type": "object",
              "required": ["name", "statistic", "df", "p_value"],
              "properties": {
                "name": {"type": "string"},
                "lag": {"type": "integer"},
                "statistic": {"type": ["number", "null"]},
                "df": {"type": ["number", "null"]},
                "df2": {"type": ["number", "null"]},
                "p_value": {"type": ["number", "null"]},
                "words": {"type": "string"}
              }
            }
          },
          "tables": {"type": "object", "description": "what a plugin adds: break dates, candidate orders"},
          "notes": {"type": "array", "items": {"type": "string"}}
        }
      }
    }
  }
}
)json";

}  // namespace

int schema_command(bool results) {
  if (results) {
    print_out(kResults);
  } else {
    print_out(json_schema(config_schema(builtin_plugins()), "Amnok config"));
  }
  return 0;
}

}  // namespace amnok
