import { Command } from 'commander'
import t from 'tap'
import { COMMAND_TABLE, entriesFor } from '../../../services/cli/commands/command-table.ts'
import { Terminal } from '../../../services/cli/output/terminal.ts'
import { createProgram } from '../../../services/cli/run-cli.ts'

const OPTIONS = [
  { long: '--nats', required: true },
  { long: '--json', required: false },
]
const named = (...argv: string[]) => {
  const entries = entriesFor(argv, OPTIONS)
  return entries === COMMAND_TABLE ? 'all' : entries.flatMap(({ names }) => names)
}

t.test('each entry adds the commands that it names, and no other', async (t) => {
  for (const { names, load } of COMMAND_TABLE) {
    const program = new Command()
    const add = await load()
    add(program, async () => undefined)
    const added = program.commands.flatMap((command) => [command.name(), ...command.aliases()])
    // Asked by scripts of shells, about all commands.
    t.strictSame(
      added.filter((name) => name !== 'complete'),
      [...names],
    )
  }
  const names = COMMAND_TABLE.flatMap((entry) => entry.names)
  t.equal(new Set(names).size, names.length, 'no name stands for two')
})

t.test(
  'no option of a command is called like one of the whole program, which alone would get its value',
  async (t) => {
    const program = createProgram(new Terminal({ json: false }))
    const ofAll = new Set(program.options.flatMap(({ long, short }) => [long, short]).concat('--help', '-h'))
    ofAll.delete(undefined)
    t.ok(ofAll.has('--tenant') && ofAll.has('--json'))
    await Promise.all(
      COMMAND_TABLE.map(async ({ load }) => {
        const add = await load()
        add(program, async () => undefined)
      }),
    )
    const shadowed = (command: Command): string[] => [
      ...command.options
        .filter(({ long, short }) => ofAll.has(long) || ofAll.has(short))
        .map(({ flags }) => `${command.name()} ${flags}`),
      ...command.commands.flatMap(shadowed),
    ]
    t.strictSame(program.commands.flatMap(shadowed), [])
    const odd = new Command('odd').option('--tenant <tenant>', 'whose')
    t.strictSame(shadowed(odd), ['odd --tenant <tenant>'], 'one would be found')
  },
)

t.test('a command line needs the command that it names', async (t) => {
  t.strictSame(named('show', 'x'), ['show'])
  t.strictSame(named('replay', 'x'), ['rerun', 'replay'])
  t.strictSame(named('--nats', 'list', 'show', 'x'), ['show'], 'the value of an option is no command')
  t.strictSame(named('--nats=nats://x', '--json', 'show'), ['show'])
  t.strictSame(named('alerts', 'show', 'x'), ['alerts'], 'the first word counts')
  t.strictSame(named('show', '--help'), ['show'])
  t.strictSame(named('--version'), [])
})

t.test('where none is named that there is, all are needed', async (t) => {
  for (const argv of [[], ['--help'], ['lst'], ['complete', '--', 'sh'], ['--help', 'show'], ['--json']])
    t.equal(named(...argv), 'all', argv.join(' '))
})
