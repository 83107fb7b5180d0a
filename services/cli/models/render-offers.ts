import type { OfferedModel } from '#schemas/detection.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/terminal-text.ts'

const WHAT: Readonly<Record<'real' | 'scene', string>> = { real: 'real video', scene: 'rendered scenes' }
const STATES: Readonly<Record<OfferedModel['state'], { text: string; style?: keyof Paint }>> = {
  ready: { text: 'looks at frames' },
  preparing: { text: 'is made ready', style: 'yellow' },
  here: { text: 'is here, opened when it is needed' },
  fetchable: { text: 'is not here: fetched when it is needed', style: 'yellow' },
  missing: { text: 'is missing: video is refused until it is there', style: 'red' },
}

/** What of a detector's models is worth telling: those that look, and those that are taken unasked. Pure. */
export function tellingOffers(models: readonly OfferedModel[]): OfferedModel[] {
  return models.filter(
    ({ state, takenFor }) => takenFor.length > 0 || state === 'ready' || state === 'preparing',
  )
}

/** `yolox-nano looks at frames (real video)`. Pure. */
export function offerSentence({ name, state, takenFor, note }: OfferedModel): string {
  const uses = takenFor.map((use) => WHAT[use]).join(' and ') || 'named by a monitor'
  const progress = state === 'preparing' && note ? ` (${printable(note)})` : ''
  return `${printable(name)} ${STATES[state].text}${progress}: ${uses}`
}

/** A line a model. Pure. */
export function renderOffers(models: readonly OfferedModel[], paint: Paint): string[] {
  return tellingOffers(models).map((model) => {
    const { style } = STATES[model.state]
    const line = offerSentence(model)
    return `  ${paint.dim('model')}  ${style ? paint[style](line) : line}`
  })
}
