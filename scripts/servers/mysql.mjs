// Fetches the MySQL that the tests run against: Debian 12 has none of its own.
import { unpack } from './debian.mjs'

unpack({ name: 'mysql-9', suite: 'sid', packages: ['mysql-server-core'], program: 'usr/sbin/mysqld' })
