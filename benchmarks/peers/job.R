# job.toml in R. Paths as a matrix product with the psi weights: simulate() would take minutes.
work <- commandArgs(TRUE)[1]
d <- read.csv(file.path(work, "job.csv")); X <- as.matrix(d[, c("step", "pulse", "ramp", "logprice")])
fit <- arima(ts(d$y, frequency = 12), c(1, 0, 1), list(order = c(0, 1, 1)), xreg = X)
horizon <- 36; draws <- 10000; last <- X[nrow(X), ]
ar <- c(fit$model$phi[1], rep(0, 10), 1, -fit$model$phi[1])  # (1 - phi B)(1 - B^12)
psi <- c(1, ARMAtoMA(ar, fit$model$theta, horizon - 1))
weights <- t(sapply(1:horizon, function(i) c(rep(0, i - 1), psi[1:(horizon + 1 - i)])))
set.seed(1); out <- NULL
for (shift in c(0, 0.10, -0.15)) {
  future <- matrix(last + c(0, 0, 0, shift), horizon, 4, byrow = TRUE); colnames(future) <- colnames(X)
  mean <- as.numeric(predict(fit, horizon, newxreg = future)$pred)
  shocks <- matrix(rnorm(draws * horizon, sd = sqrt(fit$sigma2)), draws)
  paths <- exp(sweep(shocks %*% weights, 2, mean, "+"))
  out <- rbind(out, cbind(shift, 1:horizon, colMeans(paths), t(apply(paths, 2, quantile, c(.05, .1, .25, .5, .75, .9, .95)))))
}
write.csv(out, file.path(work, "job_R.csv"), row.names = FALSE)
cat(format(fit$loglik, digits = 7), signif(out[out[, 2] == horizon, 7], 4), "\n")
