import type { Paint } from './paint.ts'
import { renderTable } from './table.ts'

/** Commands to try, one a line, each with what it is for. */
export function commandLines(commands: readonly [command: string, what: string][], paint: Paint): string[] {
  return renderTable(
    [{ title: 'command' }, { title: 'what' }],
    commands.map(([command, what]) => [
      { text: `npx murmur ${command}`, style: 'cyan' },
      { text: what, style: 'dim' },
    ]),
    { paint, header: false },
  )
}
