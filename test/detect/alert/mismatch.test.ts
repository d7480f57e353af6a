import t from 'tap';
import { isMismatch } from '../../../src/detect/alert/mismatch.js';
import { recommended, sentinel } from '../../support/detection.js';

const photo = 'http://cdn.example/img/photo.jpg';

function differ(fileType: string, url: string, detection = recommended): boolean {
  const { jpeg, placeholders } = detection;
  return isMismatch({ fileType, url, jpeg, placeholders });
}

t.test('a type that is surely no image against a name that says JPEG', async (t) => {
  for (const type of [
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'application/zip',
    'application/x-msdownload',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/problem+json',
    'video/mp2t',
    'video/jpeg',
    'font/woff2',
    'ZIP',
    'GZIP',
    'RAR Files',
    'ZIP File Upload',
    'Windows Executables',
    'PDF Documents',
    'exe',
    '.exe',
    'jar',
    ' dmg ',
    '"zip"',
  ]) {
    t.ok(differ(type, photo), type);
  }
});

t.test('what is not a statement about something else is none', async (t) => {
  for (const type of [
    '',
    'None',
    'None"',
    'N/A',
    '-',
    'Unknown',
    '30037',
    '0',
    'application/octet-stream',
    'binary/octet-stream',
    'application/x-www-form-urlencoded',
    'application/x-unknown',
    'multipart/form-data; boundary=x',
    'image/webp',
    'image/svg+xml',
    'image/*',
    'PNG File Upload',
    'GIF Files',
    'Compressed Image',
    'Agent',
    'Secret',
    'No one',
    'Unknown class',
    'zip'.repeat(1000),
  ]) {
    t.notOk(differ(type, photo), type.slice(0, 40));
  }
});

t.test('a type that says JPEG, in whatever word, agrees with a name that does', async (t) => {
  for (const type of [
    'image/jpeg',
    'image/jpeg; charset=binary',
    'image/pjpeg',
    'image/jpg',
    'application/jpeg',
    'Jpeg Files',
    'JPEG File Upload',
    'jpg',
    'JPG',
    'jfif',
  ]) {
    t.notOk(differ(type, photo), type);
    t.ok(differ(type, 'http://cdn.example/setup.exe'), `${type} against .exe`);
  }
});

t.test('a name that is surely no image against a type that says JPEG', async (t) => {
  for (const url of [
    'http://h.example/a.exe',
    'h.example/a.zip',
    'h.example/x//a.zip',
    '/download/a.PDF',
    'https://h.example:8443/a.js',
    'http://h.example/a.html',
    'http://h.example/a.woff2',
    'http://h.example/movie.mp4',
    'http://h.example/a.ps1?x=photo.png',
    'http://h.example/a.exe#photo.jpg',
    'http://h.example/a.exe;jsessionid=1',
    '\\\\server\\share\\a.docx',
    'http://h.example/photo.jpg.exe',
    'http://h.example/photo%2Ejpg%2eexe',
    'http://h.example/a.%65xe',
    'http://h.example/a.exe%20',
  ]) {
    t.ok(differ('image/jpeg', url), url);
  }
});

t.test('a name that says nothing', async (t) => {
  for (const url of [
    '',
    '/',
    'http://h.example/photo',
    'http://h.example/view.php',
    'http://h.example/view.aspx',
    'http://h.example/view.jsp',
    'http://h.example/view.cgi',
    'http://h.example/view.do',
    'http://h.example/photo.png',
    'http://h.example/photo.webp',
    'http://h.example/photo.heic',
    'http://h.example/a.bin',
    'http://h.example/a.xyz',
    'http://h.example/get?file=a.exe',
    'http://h.example/a.exe/',
    'http://files.zip',
    '//files.zip',
    'files.zip',
    'http://h.example/a.%2565xe',
  ]) {
    t.notOk(differ('image/jpeg', url), url);
    t.notOk(differ('application/zip', url), `${url} against a ZIP`);
  }
});

t.test('the last extension counts: it is the one that opens the file', async (t) => {
  t.notOk(differ('image/jpeg', 'http://h.example/invoice.exe.jpg'));
  t.ok(differ('application/x-msdownload', 'http://h.example/invoice.exe.jpg'));
  t.notOk(differ('application/x-msdownload', 'http://h.example/photo.jpg.exe'));
});

t.test('two statements about something else do not contradict each other', async (t) => {
  t.notOk(differ('application/zip', 'http://h.example/a.exe'));
});

t.test('a query counts only where the JPEG test looks at it, and after the path', async (t) => {
  const dynamic = 'http://h.example/get.php?file=photo.jpg';
  t.notOk(differ('ZIP', dynamic, recommended));
  t.ok(differ('ZIP', dynamic, sentinel));
  t.notOk(differ('Jpeg Files', dynamic, sentinel));
  const program = 'http://h.example/get.exe?file=photo.jpg';
  for (const detection of [recommended, sentinel]) {
    t.ok(differ('Jpeg Files', program, detection));
    t.notOk(differ('exe', program, detection));
    t.ok(differ('ZIP', 'http://h.example/photo.jpg?w=100', detection));
  }
});

t.test('what the config calls a JPEG is one', async (t) => {
  const jpeg = {
    ...recommended.jpeg,
    fileTypes: ['1001', 'Scan Documents'],
    urlSuffixes: ['.pdf'],
  };
  const own = { ...recommended, jpeg };
  t.notOk(differ('Scan Documents', photo, own));
  t.ok(differ('1001', 'http://h.example/a.exe', own));
  t.notOk(differ('image/jpeg', 'http://h.example/a.pdf', own));
});

t.test('takes linear time', async (t) => {
  for (const text of ['.', '%', '%2e', '/', '\\', ';', '?', ' ', 'a ', 'a.', '//', '"', 'http:']) {
    const long = text.repeat(65_536);
    const began = performance.now();
    differ(long, photo);
    differ('image/jpeg', long);
    differ('image/jpeg', `http://h/${long}.exe`);
    const took = performance.now() - began;
    t.ok(took < 200, `${JSON.stringify(text)}: ${took.toFixed(1)} ms`);
  }
});
