#!/usr/bin/env node
// The first thing that runs in a fresh clone, on whatever Node (18 or newer) and npm the machine has, before
// any dependency is there: so plain JavaScript, and nothing but Node's own modules. It sees to it that the
// dependencies are installed, and hands over to a TypeScript entry on the Node that the project runs on.

import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './bootstrap/ensure-dependencies.mjs'
import { ensureNode } from './bootstrap/ensure-node.mjs'
import { execNode } from './bootstrap/exec-node.mjs'
import { withSetupLock } from './bootstrap/setup-lock.mjs'

const OLDEST_NODE = 18
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** What can be asked for: the entry, and the arguments before the user's own. */
const COMMANDS = {
  start: ['services/cli/main.ts', 'start'],
  murmur: ['services/cli/main.ts'],
  test: ['test/gate/run-tests.ts'],
  check: ['test/gate/run-checks.ts'],
  bench: ['loadtest/bench.ts'],
  'bench:video': ['loadtest/bench-video.ts'],
  'bench:edge': ['loadtest/bench-edge.ts'],
  'test:chaos': ['test/chaos/campaign/main.ts'],
  'test:mutants': ['test/mutants/main.ts'],
  'test:images': ['test/deploy/images/containers/build-compose.ts'],
  'test:redis': ['test/gate/run-tests.ts', 'test/long/redis/'],
  'test:k8s': ['test/deploy/k8s/control-plane/build.ts'],
  'test:otel': ['test/deploy/otel-collector/build.ts'],
  'test:cluster': [
    'test/gate/run-tests.ts',
    'test/long/nats-cluster.long.test.ts',
    'test/long/second-site.long.test.ts',
  ],
  'test:endurance': ['loadtest/endurance/main.ts'],
  'test:simulation': ['test/simulation/main.ts'],
  'bench:overload': ['loadtest/bench-overload.ts'],
  'bench:dispatch': ['loadtest/bench-dispatch.ts'],
  'bench:capacity': ['loadtest/bench-capacity.ts'],
  'bench:scale': ['loadtest/bench-scale.ts'],
  'bench:accounts': ['loadtest/bench-accounts.ts'],
  'bench:telemetry': ['loadtest/bench-telemetry.ts'],
  'bench:fan-out': ['loadtest/bench-fan-out.ts'],
  'bench:archive': ['loadtest/bench-archive.ts'],
  'bench:rebuild': ['loadtest/bench-rebuild.ts'],
  'bench:day': ['loadtest/bench-day.ts'],
  'bench:console': ['loadtest/bench-console.ts'],
  'bench:heap': ['loadtest/bench-heap.ts'],
  'bench:report': ['loadtest/bench-report.ts'],
  'bench:peers': ['loadtest/bench-peers.ts'],
  load: ['loadtest/load.ts'],
  'load:nats': ['loadtest/load-nats.ts'],
  docs: ['test/gate/generate-docs.ts'],
  proto: ['test/gate/generate-proto.ts'],
  'sdk:pack': ['deploy/local/sdk/main.ts'],
}

/** @param {string[]} argv the command and its arguments */
export async function bootstrap(argv) {
  const [command = '', ...rest] = argv
  if (!Object.hasOwn(COMMANDS, command)) {
    throw new Error(`Unknown command "${command}". One of: ${Object.keys(COMMANDS).join(', ')}`)
  }
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Error(`Node ${process.versions.node} is too old: ${OLDEST_NODE} or newer is needed to set up.`)
  }
  const node = await withSetupLock(root, say, async () => {
    await ensureDependencies(root, say)
    return ensureNode(root, say)
  })
  const [entry, ...fixed] = COMMANDS[command]
  await execNode(node, [join(root, entry), ...fixed, ...rest], root)
}

/** To stderr, so that stdout belongs to the command (`--json`). */
function say(line) {
  process.stderr.write(`${line}\n`)
}

/** @param {string[]} argv */
export function runBootstrap(argv) {
  bootstrap(argv).catch((error) => {
    say(error.message)
    process.exitCode = 1
  })
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  runBootstrap(process.argv.slice(2))
}
