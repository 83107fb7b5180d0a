import fc from 'fast-check'
import t from 'tap'
import { FONT } from '../../../../services/agents/video/pictures/stroke-font.ts'
import { fitStrokeText, strokeTextWidth } from '../../../../services/agents/video/pictures/stroke-text.ts'

t.test('a text that is fitted fits, and is a beginning of what was given', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 7, max: 18 }),
      (text, room, cap) => {
        const fitted = fitStrokeText(text, cap, room)
        if (fitted === text) return strokeTextWidth(text, cap) <= room
        return (
          strokeTextWidth(fitted, cap) <= room &&
          (fitted === '' || (fitted.endsWith('…') && text.startsWith(fitted.slice(0, -1))))
        )
      },
    ),
  )
  t.equal(strokeTextWidth('II', FONT.capHeight), FONT.gap)
})
