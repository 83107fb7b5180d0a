import { type Command, InvalidArgumentError } from 'commander'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { numberOption } from '../monitor/parse-shapes.ts'
import { count } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'

const DEFAULT_SECONDS = 4
const DEFAULT_PATH = '/onvif/device_service'
const MAX_PASSWORD_CHARACTERS = 1024

interface ProfilesOptions {
  user?: string
  timeout: number
}

export function addOnvif(program: Command, run: Run): void {
  const onvif = program
    .command('onvif')
    .description('cameras that speak ONVIF: discover those of the network, and how each gives its pictures')
  addDiscover(onvif, run)
  addProfiles(onvif, run)
}

/** `discover`, for a group of commands. */
export function addDiscover(group: Command, run: Run): void {
  group
    .command('discover')
    .description('cameras that answer on the network of this machine (WS-Discovery)')
    .option(
      '--timeout <seconds>',
      `how long is listened for answers (default: ${DEFAULT_SECONDS})`,
      numberOption(0.5, 60),
      DEFAULT_SECONDS,
    )
    .option('--interface <name>', 'the network interface that is asked on, such as eth1')
    .action((options: { timeout: number; interface?: string }) =>
      run(async (context) => {
        await discover(context, options)
        return EXIT.ok
      }),
    )
}

function addProfiles(onvif: Command, run: Run): void {
  onvif
    .command('profiles')
    .description('how a camera gives its pictures: sizes, codecs, addresses')
    .argument('<address>', 'a host, host:port, or an address that discover shows', deviceArgument)
    .option('--user <name>', 'who asks; the password is read from the standard input')
    .option('--timeout <seconds>', 'for each answer (default: 10)', numberOption(0.5, 60), 10)
    .action((address: URL, options: ProfilesOptions) =>
      run(async (context) => {
        await profiles(context, address, options)
        return EXIT.ok
      }),
    )
}

async function discover(
  context: CliContext,
  { timeout, interface: device }: { timeout: number; interface?: string },
): Promise<void> {
  const { discoverDevices } = await import('../onvif/ask-onvif.ts')
  const { renderDevices } = await import('../onvif/render-onvif.ts')
  const { json, signal, terminal } = context
  const about = { timeoutMs: timeout * 1000, ...(device !== undefined && { device }) }
  const asked = discoverDevices(about, signal)
  const { devices, unread } = await waitingFor('asking the network for cameras', asked, context)
  if (json) return terminal.printJson({ devices, unread })
  if (unread > 0) terminal.log(`${count(unread, 'answer')} could not be read.`)
  if (devices.length === 0) {
    terminal.log(
      'No camera answered. Cameras of other networks do not hear the question, and in some ONVIF has to be switched on: ask one by its address, npx murmur onvif profiles ADDRESS.',
    )
    return
  }
  const { outPaint: paint, columns: width } = terminal
  terminal.print(...renderDevices(devices, { paint, ...(width !== undefined && { width }) }))
}

async function profiles(
  context: CliContext,
  address: URL,
  { user, timeout }: ProfilesOptions,
): Promise<void> {
  const { describeDevice } = await import('../onvif/ask-onvif.ts')
  const { bySize, renderDescription } = await import('../onvif/render-onvif.ts')
  const { chooseStreams } = await import('../onvif/choose-streams.ts')
  const { json, signal, terminal } = context
  const password = user === undefined ? undefined : await readPassword(context, user)
  const isSecure = address.protocol === 'https:'
  const about = {
    host: address.hostname,
    port: address.port === '' ? (isSecure ? 443 : 80) : Number(address.port),
    path: address.pathname === '/' ? DEFAULT_PATH : address.pathname,
    isSecure,
    timeoutMs: timeout * 1000,
    ...(user !== undefined && { user, password }),
  }
  const description = await waitingFor(`asking ${address.host}`, describeDevice(about, signal), context)
  if (json) {
    const { main, detect } = chooseStreams(description.profiles) ?? {}
    const chosen = main && { main: main.token, ...(detect && { detect: detect.token }) }
    return terminal.printJson({
      ...description,
      profiles: bySize(description.profiles),
      ...(chosen && { chosen }),
    })
  }
  const { outPaint: paint, columns: width } = terminal
  terminal.print(...renderDescription(description, { paint, ...(width !== undefined && { width }) }))
}

/** From the standard input: an argument could be read by everybody on the machine. */
async function readPassword({ input, terminal }: CliContext, user: string): Promise<string> {
  terminal.log(`The password of ${user}, and Enter:`)
  let text = ''
  for await (const part of input()) {
    text += String(part)
    if (text.includes('\n') || text.length > MAX_PASSWORD_CHARACTERS) break
  }
  const [line = ''] = text.split(/\r?\n/)
  if (line.length > MAX_PASSWORD_CHARACTERS) throw new CliError('USAGE', 'the password is too long')
  return line
}

function deviceArgument(text: string): URL {
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`)
  if (
    url &&
    /^https?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === ''
  )
    return url
  throw new InvalidArgumentError(
    'must be a host, host:port or an http address, without user and password (--user)',
  )
}
