import { pathToFileURL } from 'node:url'
import { printLine, runTool, step } from './gate-step.ts'
import { checkProto } from './proto-tools.ts'

/** Types and style of the whole project; the number of checks that failed. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const outcomes = [
    await step('types (tsc)', () => runTool('tsc', ['-p', 'tsconfig.json'])),
    await step('style (biome)', () => runTool('biome', ['check', '--error-on-warnings', '.'])),
    await step('contract (buf)', async () => {
      const faults = checkProto()
      for (const fault of faults) printLine(fault)
      return faults.length === 0
    }),
  ]
  const passed = outcomes.filter(Boolean).length
  return { passed, failed: outcomes.length - passed }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { failed } = await runChecks()
  process.exitCode = failed === 0 ? 0 : 1
}
