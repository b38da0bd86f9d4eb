# For the other scripts to source.
side_by_side() { tr '\n' '\0' | xargs -0 -P "${JOBS:-2}" -I{} bash -euo pipefail -c '{}'; }   # commands, a line each, JOBS (2) at a time
seeds() { local name=$1 run=$2; shift 2; echo "$name=$(printf "$out/runs/$run," "$@" | sed 's/,$//')"; }   # NAME RUN SEED...: a row of all seeds, for --model; RUN with %s for the seed
together() { local runs=$1 step=$2 seed all=; shift 2; for seed; do all+=+$runs/seed$seed/btc-$step+$runs/seed$seed/2e1d-$step; done; echo "${all#+}"; }   # RUNS STEP SEED...: the students of all seeds after a step, for --teacher
