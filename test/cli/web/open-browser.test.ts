import t from 'tap'
import { openBrowser, openerFor } from '../../../services/cli/web/open-browser.ts'

const URL = 'http://127.0.0.1:1/'

t.test('a browser is opened where there is a screen', async (t) => {
  t.match(openerFor('darwin', {}, URL), { command: 'open', args: [URL] })
  t.match(openerFor('win32', {}, URL), { command: 'rundll32' })
  t.match(openerFor('linux', { DISPLAY: ':0' }, URL), { command: 'xdg-open' })
  t.match(openerFor('linux', { WAYLAND_DISPLAY: 'wayland-0' }, URL), { command: 'xdg-open' })
  t.match(openerFor('linux', { WSL_DISTRO_NAME: 'Ubuntu' }, URL), { command: 'wslview' })
})

t.test('and not where nobody would see it', async (t) => {
  t.equal(openerFor('linux', {}, URL), undefined)
  t.equal(openerFor('linux', { DISPLAY: ':10', SSH_CONNECTION: 'x' }, URL), undefined)
  t.equal(openerFor('darwin', { SSH_CONNECTION: 'x' }, URL), undefined)
})

t.test('a program that is not there is no fault', async (t) => {
  t.equal(await openBrowser({ command: 'murmur-no-such-program', args: [] }), false)
  t.equal(await openBrowser({ command: process.execPath, args: ['-e', ''] }), true)
})
