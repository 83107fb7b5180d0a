import type { IconName } from '../components/icon.tsx'

/** What the command palette offers: found by its label, which is said once on a screen. */
export interface PaletteCommand {
  readonly label: string
  readonly icon: IconName
  readonly hint?: string
  readonly run: () => void
}
