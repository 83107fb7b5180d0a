import { Command } from 'commander'
import t from 'tap'
import { COMMAND_TABLE } from '../../services/cli/commands/command-table.ts'
import { blocks, runbooks } from '../deploy/prometheus/runbook-pages.ts'

const GLOBAL = ['--nats', '--tenant', '--edge', '--json']
const program = new Command('murmur')
for (const { load } of COMMAND_TABLE) (await load())(program, async () => undefined)

t.test('commands of the runbooks are those of the program', async (t) => {
  t.match(faultOf('murmur frobnicate'), /frobnicate/)
  t.match(faultOf('murmur list --colour red'), /--colour/)
  t.equal(faultOf('murmur dlq show NUMBER'), undefined)
  const seen: string[] = []
  for (const [name, page] of runbooks()) {
    const inText = [...page.matchAll(/`(murmur [^`]+)`/g)].map(([, command]) => command!)
    const lines = [...blocks(page, 'sh'), ...inText].filter((line) => line.startsWith('murmur '))
    for (const line of lines) t.equal(faultOf(line), undefined, `${name}: ${line}`)
    seen.push(...lines)
  }
  t.ok(seen.length > 60, `${seen.length} commands`)
})

/** What of a command line the program does not know; undefined when it knows all of it. */
function faultOf(line: string): string | undefined {
  const words = (line.match(/'[^']*'|\S+/g) ?? []).slice(1)
  let command: Command = program
  while (words.length > 0) {
    const next = command.commands.find(
      (each) => each.name() === words[0] || each.aliases().includes(words[0]!),
    )
    if (!next) break
    command = next
    words.shift()
  }
  if (command === program) return `no command ${words[0]}`
  const unknown = words.filter(
    (word) =>
      word.startsWith('--') && ![...command.options.map(({ long }) => long), ...GLOBAL].includes(word),
  )
  return unknown.length > 0 ? `${command.name()} has no ${unknown.join(', ')}` : undefined
}
