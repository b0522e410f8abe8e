# Accuracy of R's forecast package on a competition file, a line a method for peers.txt.
#
#   Rscript peers.R FILE.csv.gz [MOST]      MOST series, evenly spaced; all without it. Monthly files take hours.
#
# The mean of three is that of the point forecasts of auto.arima, ets and thetaf; a method's figures are over
# the series that every method finished.
suppressMessages(library(forecast))
arguments <- commandArgs(TRUE)
lines <- readLines(gzfile(arguments[1]))[-1]
if (length(arguments) > 1) {
  most <- min(as.integer(arguments[2]), length(lines))
  lines <- lines[round(seq(1, length(lines), length.out = most))]
}
methods <- list("R auto.arima" = function(y, h) forecast(auto.arima(y), h), "R ets" = function(y, h) forecast(ets(y), h),
                "R thetaf" = function(y, h) thetaf(y, h), "R snaive" = function(y, h) snaive(y, h))
measures <- function(point, low, high, test, scale) {  # bands: 80 %, 95 %
  miss <- pmax(low[, 2] - test, 0) + pmax(test - high[, 2], 0)
  c(mean(200 * abs(test - point) / (abs(test) + abs(point))), mean(abs(test - point)) / scale,
    mean(high[, 2] - low[, 2] + 40 * miss) / scale, colMeans(test >= low & test <= high))
}
scores <- lapply(strsplit(lines, ","), function(cells) {
  season <- as.integer(cells[2]); n <- as.integer(cells[6]); h <- as.integer(cells[7])
  values <- as.numeric(cells[-(1:7)]); test <- values[-(1:n)]
  train <- ts(values[1:n], frequency = season)
  scale <- mean(abs(diff(values[1:n], if (n > season) season else 1)))
  found <- lapply(methods, function(method) tryCatch(method(train, h), error = function(e) NULL))
  if (any(sapply(found, is.null))) return(NULL)
  rows <- sapply(found, function(f) measures(as.numeric(f$mean), as.matrix(f$lower), as.matrix(f$upper), test, scale))
  together <- rowMeans(sapply(found[1:3], function(f) as.numeric(f$mean)))
  none <- matrix(NA, h, 2)
  cbind("R mean of three" = measures(together, none, none, test, scale), rows)
})
scores <- Filter(Negate(is.null), scores)
means <- Reduce(`+`, scores) / length(scores)
name <- sub("\\.csv.*", "", basename(arguments[1]))
for (method in colnames(means)) {
  m <- means[, method]
  bands <- if (anyNA(m)) c("", "", "") else sprintf(c("%.2f", "%.3f", "%.3f"), m[3:5])
  cat(sprintf("%s%s | %s | %d | %.3f | %.4f | %s | |\n", name, if (length(arguments) > 1) "" else "_all", method,
              length(scores), m[1], m[2], paste(bands, collapse = " | ")))
}
