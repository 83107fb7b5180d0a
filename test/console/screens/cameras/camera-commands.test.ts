import t from 'tap'
import { cameraCommands } from '../../../../services/console/screens/cameras/camera-commands.ts'

t.test('a camera is opened, reviewed, snoozed, stopped, and its rules are edited', async (t) => {
  const done: string[] = []
  const commands = cameraCommands(
    { camera: 'yard', monitor: 'm1' },
    {
      open: (path) => done.push(path),
      stop: () => done.push('stop'),
      snooze: () => done.push('snooze'),
    },
  )
  t.strictSame(
    commands.map(({ label }) => label),
    ['Open camera yard', 'Edit the rules of yard', 'Review yard', 'Snooze yard', 'Stop watching yard'],
  )
  for (const { run } of commands) run()
  t.strictSame(done, ['/cameras/m1', '/cameras/m1/rules', '/review?camera=yard', 'snooze', 'stop'])
})
