import { InvalidArgumentError } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { type Command, oneWord } from './dialect.ts'

/** Who may use a server that was started with `-Y`: a line of its file is `user:password`. */
export interface MetaLogin {
  readonly user: string
  readonly password: string
}

/**
 * Whether the server takes the login. To one that asks for none it is a value that is gone at once.
 * @throws InvalidArgumentError for what memcached cannot be told.
 */
export function loginCommand(login: MetaLogin): Command<boolean> {
  checkGiven(login, 'login')
  const { user, password } = login
  if (![user, password].every((word) => typeof word === 'string' && /^[!-~]+$/.test(word)))
    throw new InvalidArgumentError('login needs a user and a password of ASCII without spaces')
  const words = `${user} ${password}`
  return {
    text: `set locks:login 0 -1 ${words.length}\r\n${words}\r\n`,
    read: oneWord({ STORED: true, CLIENT_ERROR: false }),
  }
}
