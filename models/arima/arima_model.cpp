// An arima model without data: what is left open in it is chosen when it meets a sample.
#include "models/arima/arima.h"
#include "models/arima/arima_outliers.h"
#include "models/arima/arima_selection.h"

namespace amnok {

namespace {

class ArimaModel : public Model {
 public:
  explicit ArimaModel(ArimaSpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    if (spec_.outlier_search) return bind_with_outliers(spec_, sample);
    if (spec_.search) return bind_automatic(spec_, sample);
    return std::make_unique<BoundArima>(spec_, sample);
  }

 private:
  ArimaSpec spec_;
};

}  // namespace

std::unique_ptr<Model> make_arima(ArimaSpec spec) {
  return std::make_unique<ArimaModel>(std::move(spec));
}

}  // namespace amnok
