#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/config/json_schema.h"
#include "engine/study/study.h"
#include "models/builtin.h"

namespace amnok {

namespace {

// fits.json and `amnok fit --json`, under $defs report.json and annual.csv; tests read real output
// against it.
constexpr const char* kResults = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Amnok results",
  "description": "fits.json and `amnok fit --json`; report.json and the rows of annual.csv under $defs. Numbers that do not exist are null.",
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
    },
    "solutions": {
      "type": "array",
      "description": "with --solve: the fitted system solved over the end of its sample, a variable each",
      "items": {
        "type": "object",
        "required": ["variable", "mode", "window", "periods", "bias", "rmse", "rmse_percent", "theil_u", "actual", "solved"],
        "additionalProperties": false,
        "properties": {
          "variable": {"type": "string"},
          "mode": {"enum": ["static", "dynamic"]},
          "window": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
          "periods": {"type": "integer", "description": "compared: those with a recorded figure"},
          "bias": {"type": ["number", "null"], "description": "mean of solved less actual"},
          "rmse": {"type": ["number", "null"]},
          "rmse_percent": {"type": ["number", "null"], "description": "null above 1000, where an actual value is next to nothing"},
          "theil_u": {"type": ["number", "null"], "description": "RMSE over the root mean square of actual changes"},
          "actual": {"type": "array", "items": {"type": ["number", "null"]}},
          "solved": {"type": "array", "items": {"type": ["number", "null"]}}
        }
      }
    }
  },
  "$defs": {
    "report.json": {
      "description": "The report of a run as data: what amnok report and amnok explain read.",
      "type": "object",
      "required": ["format", "title", "subtitle", "provenance", "sections", "facts"],
      "additionalProperties": false,
      "properties": {
        "format": {"enum": ["amnok-report/1"]},
        "title": {"type": "string"},
        "subtitle": {"type": "string"},
        "provenance": {
          "type": "object",
          "required": ["program", "config", "frequency", "sample", "horizon", "draws", "seed", "inputs", "origins"],
          "additionalProperties": false,
          "properties": {
            "program": {"type": "string", "description": "amnok and its version"},
            "config": {
              "type": "object",
              "required": ["file", "sha256"],
              "properties": {"file": {"type": "string"}, "sha256": {"type": "string"}}
            },
            "frequency": {"type": "string"},
            "sample": {"type": "string", "description": "2016-01..2022-03"},
            "horizon": {"type": "string", "description": "empty: nothing is projected"},
            "draws": {"type": "integer"},
            "seed": {"type": "integer"},
            "inputs": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["file", "sha256"],
                "properties": {"file": {"type": "string"}, "sha256": {"type": "string"}}
              }
            },
            "origins": {
              "type": "array",
              "description": "where each series comes from",
              "items": {
                "type": "object",
                "required": ["series", "label", "file", "column", "title", "publisher", "licence", "vintage"],
                "additionalProperties": {"type": "string"}
              }
            }
          }
        },
        "sections": {
          "type": "array",
          "items": {
            "type": "object",
            "required": ["id", "title", "blocks"],
            "additionalProperties": false,
            "properties": {
              "id": {"enum": ["answer", "projections", "effects", "past", "findings", "realised", "assumptions",
                              "claims", "breaks", "estimates", "data", "made"]},
              "title": {"type": "string"},
              "blocks": {
                "type": "array",
                "items": {
                  "oneOf": [
                    {
                      "type": "object",
                      "required": ["paragraph"],
                      "additionalProperties": false,
                      "properties": {
                        "paragraph": {"type": "string"},
                        "warning": {"type": "boolean", "description": "something that a reader must not miss"}
                      }
                    },
                    {
                      "type": "object",
                      "required": ["list"],
                      "additionalProperties": false,
                      "properties": {"list": {"type": "array", "items": {"type": "string"}}}
                    },
                    {
                      "type": "object",
                      "required": ["table"],
                      "additionalProperties": false,
                      "properties": {
                        "table": {
                          "type": "object",
                          "required": ["id", "title", "unit", "columns", "rows", "notes"],
                          "additionalProperties": false,
                          "properties": {
                            "id": {"type": "string", "description": "annual_imports; names files and sheets"},
                            "title": {"type": "string"},
                            "unit": {"type": "string"},
                            "columns": {
                              "type": "array",
                              "items": {
                                "type": "object",
                                "required": ["title"],
                                "additionalProperties": false,
                                "properties": {
                                  "title": {"type": "string"},
                                  "group": {"type": "string", "description": "actual, estimate, projection: a head over neighbours"},
                                  "text": {"type": "boolean", "description": "holds words"}
                                }
                              }
                            },
                            "rows": {
                              "type": "array",
                              "items": {
                                "type": "object",
                                "required": ["kind", "cells"],
                                "additionalProperties": false,
                                "properties": {
                                  "kind": {"enum": ["plain", "band", "memo"]},
                                  "cells": {
                                    "type": "array",
                                    "description": "as many as there are columns",
                                    "items": {
                                      "oneOf": [
                                        {"type": "null", "description": "blank"},
                                        {"type": "string"},
                                        {
                                          "type": "object",
                                          "required": ["value", "decimals"],
                                          "additionalProperties": false,
                                          "properties": {
                                            "value": {"type": ["number", "null"]},
                                            "decimals": {"type": "integer", "description": "that are printed"},
                                            "marks": {"type": "string", "description": "footnotes: e, i, m, p"}
                                          }
                                        },
                                        {
                                          "type": "object",
                                          "required": ["low", "high", "decimals"],
                                          "additionalProperties": false,
                                          "properties": {
                                            "low": {"type": ["number", "null"]},
                                            "high": {"type": ["number", "null"]},
                                            "decimals": {"type": "integer"}
                                          }
                                        }
                                      ]
                                    }
                                  }
                                }
                              }
                            },
                            "notes": {"type": "array", "items": {"type": "string"}}
                          }
                        }
                      }
                    },
                    {
                      "type": "object",
                      "required": ["figure"],
                      "additionalProperties": false,
                      "properties": {
                        "figure": {
                          "type": "object",
                          "required": ["name", "title", "caption", "drawn"],
                          "additionalProperties": false,
                          "properties": {
                            "name": {"type": "string", "description": "figures/NAME.gp draws it"},
                            "title": {"type": "string"},
                            "caption": {"type": "string"},
                            "drawn": {"type": "boolean"}
                          }
                        }
                      }
                    }
                  ]
                }
              }
            }
          }
        },
        "facts": {
          "type": "object",
          "description": "findings for sentences, a row each",
          "required": ["columns", "rows"],
          "additionalProperties": false,
          "properties": {
            "columns": {
              "type": "array",
              "items": {"enum": ["kind", "variable", "label", "unit", "scenario", "scenario_label", "against",
                                 "against_label", "measure", "date", "value", "low", "high", "coverage",
                                 "decimals", "note"]}
            },
            "rows": {
              "type": "array",
              "items": {
                "type": "array",
                "minItems": 16,
                "maxItems": 16,
                "description": "kind: recorded, recorded_year, projection, projected_year, effect, past_effect, answer, coefficient; value: the median of projections and effects, the mean of the mixture",
                "items": {"type": ["string", "number", "null"]}
              }
            }
          }
        }
      }
    },
    "annual.csv": {
      "description": "A row of annual.csv: a variable's year, recorded or of a scenario. Cells that do not apply are empty.",
      "type": "object",
      "properties": {
        "scenario": {"type": "string", "description": "empty: a recorded year; mixture: all scenarios by their probabilities"},
        "variable": {"type": "string"},
        "unit": {"type": "string"},
        "year": {"type": "integer"},
        "measure": {"enum": ["sum", "mean", "last"], "description": "what a year is: the sum of its periods, their mean, the last of them"},
        "status": {"enum": ["actual", "estimate", "projection", "partial"], "description": "estimate: some periods are filled or projected; partial: some are missing"},
        "periods": {"type": "integer", "description": "of a whole year; the next five add up to it"},
        "known": {"type": "integer", "description": "recorded each"},
        "summed": {"type": "integer", "description": "recorded in published sums"},
        "estimated": {"type": "integer", "description": "filled by the equation"},
        "projected": {"type": "integer"},
        "missing": {"type": "integer"},
        "mean": {"type": "number", "description": "of a recorded year its value"},
        "sd": {"type": "number"},
        "median": {"type": "number"},
        "mc_error": {"type": "number", "description": "Monte-Carlo error of the mean"},
        "realised": {"type": "number", "description": "a projected year as it came out, when all of it is recorded by now"}
      },
      "patternProperties": {
        "^q[0-9]+$": {"type": "number", "description": "quantile: q05 is the 5 % one, q025 the 2.5 % one"},
        "^mc_q[0-9]+$": {"type": "number", "description": "Monte-Carlo error of that quantile"}
      },
      "additionalProperties": false
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
