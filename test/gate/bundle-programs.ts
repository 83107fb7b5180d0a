import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleMains } from '../../deploy/local/builds/bundle-mains.ts'
import { BUNDLED_MAINS } from '../../deploy/local/builds/bundled-mains.ts'
import { projectRoot } from '../../deploy/local/project-paths.ts'

/** What tests start again and again beside the services of a local stack. */
const OF_TESTS = [
  'services/agents/report/main.ts',
  'services/cli/main.ts',
  'loadtest/bench/noop-agents.ts',
  'test/cli/fixture-agents.ts',
  'test/support/chaos-agent.ts',
  'test/support/steered-agent.ts',
]

/**
 * Bundles of the programs that tests start, for one run: a start from sources loads a thousand modules, and a run starts hundreds.
 * @returns the folder; it goes with `remove`
 */
export async function bundlePrograms(): Promise<{ folder: string; remove(): void }> {
  const folder = join(projectRoot, 'node_modules/.cache/murmur-test-programs', String(process.pid))
  await bundleMains(folder, [...BUNDLED_MAINS, ...OF_TESTS])
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
