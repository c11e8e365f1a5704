/**
 * A memcached command without the value, which stands on the next line.
 *
 * @see https://github.com/memcached/memcached/blob/master/doc/protocol.txt
 */
export function obfuscateMemcached(command: string): string {
  const end = command.search(/[\r\n]/);
  return (end === -1 ? command : command.slice(0, end)).trim();
}
