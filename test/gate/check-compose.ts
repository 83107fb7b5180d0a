import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { COMPOSE } from '../deploy/images/containers/engine.ts'
import { printLine } from './gate-step.ts'

const FILE = join(import.meta.dirname, '../../deploy/compose/compose.yaml')

/** What can say whether a compose file is one: the tool itself, or the schema of the specification. The first that is there is asked. */
const CHECKERS: readonly { asks: readonly [string, ...string[]]; args: readonly string[] }[] = [
  ...[['docker', 'compose'] as const, ['docker-compose'] as const, [COMPOSE.path] as const].map((tool) => ({
    asks: [...tool, 'version'] as [string, ...string[]],
    args: [...tool.slice(1), '--file', FILE, '--profile', '*', 'config', '--quiet'],
  })),
  {
    asks: ['check-jsonschema', '--version'],
    args: ['--builtin-schema', 'vendor.compose-spec', FILE],
  },
]

/** True where no such program is there too, with a line that says so. */
export function checkCompose(): boolean {
  const checker = CHECKERS.find(({ asks: [program, ...args] }) => spawnSync(program, args).status === 0)
  if (!checker) {
    printLine(
      'skipped: neither docker compose nor check-jsonschema is installed (pip install check-jsonschema)',
    )
    return true
  }
  const [program] = checker.asks
  const { status, stdout, stderr } = spawnSync(program, checker.args, { encoding: 'utf8' })
  if (status !== 0) printLine(`${program} ${checker.args.join(' ')}\n${stdout}${stderr}`)
  return status === 0
}
