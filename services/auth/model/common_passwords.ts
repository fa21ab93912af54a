/**
 * What people choose most often, in lower case, without digits and signs at either end, and with the letters that
 * digits stand for: `P@ssw0rd1!` is `password`. A first wall; breached passwords come from a list that is shipped apart.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `password passwort passwd passphrase secret letmein welcome welcometo iloveyou ilovegod loveyou lovely
  admin administrator root superuser superman batman spiderman ironman wonderwoman starwars skywalker
  qwerty qwertyui qwertyuio qwertyuiop qwertz qwertzui qwertzuiop azerty azertyuiop asdfgh asdfghjk asdfghjkl
  zxcvbn zxcvbnm qazwsx qazwsxedc qwaszx poiuytrewq lkjhgfdsa mnbvcxz adgjmptw
  abcdef abcdefg abcdefgh abcabc aabbccdd
  monkey dragon tiger falcon eagle dolphin panther phoenix unicorn butterfly rainbow sunshine flower flowers
  football baseball basketball softball hockey soccer tennis volleyball arsenal chelsea liverpool barcelona
  manchester realmadrid juventus yankees cowboys steelers packers lakers redskins
  princess prince princesa angel angels blessed blessing jesus jesuschrist christ faith heaven
  michael jennifer jessica jordan daniel ashley charlie thomas robert matthew anthony william joshua andrew
  nicole amanda samantha elizabeth stephanie victoria alexander alexandra christian christopher jonathan
  patrick benjamin nicholas brandon maggie ginger bailey pepper buster cookie chocolate cheese banana orange
  summer winter spring autumn january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday
  computer internet google facebook instagram youtube samsung iphone android windows microsoft apple linux
  minecraft pokemon pikachu fortnite nintendo playstation xbox naruto
  freedom liberty america canada australia england london paris berlin newyork california texas florida
  master shadow killer hunter hunting ranger trustno trustnoone whatever nothing something forever friends family
  mother father brother sister daughter babygirl babyboy sweetheart darling lovelove
  corvette mustang ferrari porsche mercedes harley yamaha honda toyota camaro
  money dollars millionaire finance financial investment investor retirement savings bank banking wallstreet
  bitcoin ethereum dogecoin hodl tothemoon diamondhands
  test testing tester testtest guest default changeme changeit temporary temppass newpassword mypassword
  access login logmein signin openup opensesame
  demo demodemo sample example user username account almanac`.split(/\s+/),
);
