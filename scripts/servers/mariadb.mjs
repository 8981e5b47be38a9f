// Fetches the newest MariaDB that the tests run against; Debian 12's own 10.11 is used where it is installed.
import { unpack } from './debian.mjs'

unpack({ name: 'mariadb-11', suite: 'sid', packages: ['mariadb-server-core'], program: 'usr/sbin/mariadbd' })
