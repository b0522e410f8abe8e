# make run     build and run the flagship study        make test   build and run the test suite
# make bench   the benchmarks                           make asan   unit and contract tests under sanitizers
# make clang   build with Clang 14                      make format clang-format on our code
# make tidy    clang-tidy on our code                   make clean   remove the build
#
# Missing Debian packages are installed first (with sudo when not root); PACKAGES says which.

PACKAGES = g++ make cmake ninja-build pkg-config ca-certificates libeigen3-dev libboost-math-dev \
  libceres-dev catch2 libtomlplusplus-dev libcli11-dev libfmt-dev nlohmann-json3-dev \
  libcsv-dev librandom123-dev libtbb-dev libmd-dev libxlsxwriter-dev gnuplot-nox \
  node-d3-array node-d3-axis node-d3-format node-d3-interpolate node-d3-path node-d3-scale \
  node-d3-selection node-d3-shape
BENCH_PACKAGES = libbenchmark-dev
CLANG_PACKAGES = clang-14 libclang-rt-14-dev
FORMAT_PACKAGES = clang-format-14
TIDY_PACKAGES = clang-tidy-14

STUDY = configs/papers/border_2022/border_2022.toml
RUN = build/runs/border_2022
# Two compilers at once need about 2 GB; more cores are used when they are there.
JOBS = $(shell nproc)

.PHONY: run test bench asan clang tidy format format-check clean build

run: build
	build/amnok run $(STUDY) -o $(RUN) --force

test: build
	build/amnok-tests --use-colour no

build: build/build.ninja
	@ninja -C build -j $(JOBS)

build/build.ninja: CMakeLists.txt CMakePresets.json tests/CMakeLists.txt
	@.ci/install $(PACKAGES)
	cmake --preset release
	@touch $@

bench:
	@.ci/install $(PACKAGES) $(BENCH_PACKAGES)
	cmake --preset release -DAMNOK_BENCHMARKS=ON
	ninja -C build -j $(JOBS)
	build/amnok-bench

asan:
	@.ci/install $(PACKAGES) $(CLANG_PACKAGES)
	cmake --preset asan $(CMAKE_FLAGS)
	ninja -C build/asan -j $(JOBS)
	build/asan/amnok-tests --use-colour no "~[reference]~[slow]~[program]"

clang:
	@.ci/install $(PACKAGES) $(CLANG_PACKAGES)
	cmake --preset clang $(CMAKE_FLAGS)
	ninja -C build/clang -j $(JOBS)

format:
	@.ci/install $(FORMAT_PACKAGES)
	git ls-files '*.h' '*.cpp' | xargs clang-format-14 -i

format-check:
	@.ci/install $(FORMAT_PACKAGES)
	git ls-files '*.h' '*.cpp' | xargs clang-format-14 --dry-run --Werror

# Compiled without the precompiled header, which the compiler of the build and clang-tidy do not share.
tidy:
	@.ci/install $(PACKAGES) $(CLANG_PACKAGES) $(TIDY_PACKAGES)
	cmake --preset clang -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
	git ls-files 'engine/*.cpp' 'models/*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy-14 -p build/tidy --quiet --warnings-as-errors='*' 2>/dev/null

clean:
	rm -rf build
