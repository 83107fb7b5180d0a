import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { overlaySvg } from '../../../../services/agents/video/pictures/overlay-svg.ts'
import { GREY, SCENE } from './sample-drawing.ts'

t.test('it looks the same on a machine without any font', async (t) => {
  const draw = (env: Record<string, string>) =>
    execFileSync(process.execPath, [join(import.meta.dirname, 'sample-drawing.ts')], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
  const config = join(
    t.testdir({ 'fonts.conf': '<?xml version="1.0"?><fontconfig></fontconfig>' }),
    'fonts.conf',
  )
  const without = draw({ FONTCONFIG_FILE: config })
  t.match(without, /^[0-9a-f]{64}$/)
  t.equal(without, draw({}))
  t.notMatch(overlaySvg(GREY, SCENE), '<text', 'all text is strokes')
})
