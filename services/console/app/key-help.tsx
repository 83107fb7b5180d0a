import { Dialog } from '../components/dialog.tsx'
import { NAVIGATION } from './screens.ts'

const KEYS: readonly [keys: string, what: string][] = [
  ['Ctrl K / ⌘ K', 'search and commands'],
  ['?', 'this help'],
  ['/', 'into the search of the page'],
  ['j k / ↓ ↑', 'next and previous row'],
  ['Enter', 'open the row'],
  ['x / Space', 'select the row'],
  ['Shift x', 'select from the last one to here'],
  ['Esc', 'close, or select nothing'],
]

export default function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        {NAVIGATION.map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>go to {label}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
