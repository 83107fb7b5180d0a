import type { PaletteCommand } from '../../app/palette-command.ts'

export interface ScheduleActions {
  readonly open: () => void
  readonly trigger: () => void
  readonly pause: () => void
  readonly resume: () => void
}

/** What the command palette offers of one schedule. Pure but for what the commands do. */
export function scheduleCommands(
  { name, paused }: { name: string; paused: boolean },
  { open, trigger, pause, resume }: ScheduleActions,
): PaletteCommand[] {
  return [
    { label: `Open schedule ${name}`, icon: 'calendar', run: open },
    { label: `Run schedule ${name} now`, icon: 'play', run: trigger },
    paused
      ? { label: `Resume schedule ${name}`, icon: 'play', run: resume }
      : { label: `Pause schedule ${name}`, icon: 'pause', run: pause },
  ]
}
