import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { PaletteCommand } from './palette-command.ts'

let current: readonly PaletteCommand[] = []
const listeners = new Set<() => void>()

function set(commands: readonly PaletteCommand[]): void {
  current = commands
  for (const listener of listeners) listener()
}

/** What the screen that is shown adds to the command palette, for as long as it is shown. @param commands the same object while nothing changes */
export function useAddCommands(commands: readonly PaletteCommand[]): void {
  useEffect(() => {
    set(commands)
    return () => set([])
  }, [commands])
}

/**
 * The same of commands that are about what is in a list: made anew when the labels change, and what each does is what it would do now.
 * @param commands in any array
 */
export function usePaletteCommands(commands: readonly PaletteCommand[]): void {
  const now = useRef(commands)
  now.current = commands
  const key = commands.map(({ label, hint = '' }) => `${label}\u0000${hint}`).join('\u0001')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that is read
  const stable = useMemo(
    () =>
      now.current.map((command) => ({
        ...command,
        run: () => now.current.find(({ label }) => label === command.label)?.run(),
      })),
    [key],
  )
  useAddCommands(stable)
}

export function usePageCommands(): readonly PaletteCommand[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => current,
  )
}
