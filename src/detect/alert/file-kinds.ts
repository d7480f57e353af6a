/**
 * Names of file types that are surely no images, and those of JPEGs, for `mismatch.ts`. Left out on
 * purpose: other images (servers convert), pages made on request (.php, .aspx, .cgi …: their name says
 * nothing of what they send), and what means "some bytes" (octet-stream, .bin, .dat).
 *
 * Extensions and media types as registered or in common use: iana.org/assignments/media-types. Words:
 * Zscaler writes "RAR Files", "ZIP", "Windows Executables"; others an extension.
 */

function setOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

export const fileKinds = {
  /** As an extension, a subtype or a vendor's word. */
  jpegWords: setOf('jpg jpeg jpe jfif pjpeg pjp x-jpeg x-jpg'),

  /** Without the dot. */
  extensions: setOf(
    // programs, and what starts them
    'exe dll scr msi msp msix appx sys cpl ocx drv elf apk ipa dmg pkg deb rpm appimage jar war',
    'class wasm bat cmd ps1 psm1 vbs vbe wsf wsh hta sh bash lnk reg iso vhd vhdx',
    // archives
    'zip zipx rar 7z gz gzip tgz bz2 tbz2 xz txz zst lz4 lzh tar cab arj ace',
    // documents and data
    'pdf doc docx docm dot dotm dotx xls xlsx xlsm xlsb ppt pptx pptm pps ppsx rtf odt ods odp one',
    'epub mobi eml msg txt csv tsv xml json yaml yml sql sqlite',
    // the web
    'html htm xhtml mht mhtml js mjs css map swf',
    // sound and moving pictures
    'mp3 mp4 m4a m4v wav ogg oga ogv opus flac aac wma wmv avi mov mkv webm flv mpg mpeg ts m3u8 mpd',
    '3gp',
    // fonts
    'woff woff2 ttf otf eot',
  ),

  /** Words of a vendor's description that is not an extension. */
  words: setOf(
    'executable executables archive archives compressed document documents spreadsheet spreadsheets',
    'presentation presentations word excel powerpoint script scripts javascript powershell flash',
    'java audio video font fonts installer installers html text',
  ),
  /** Words of images; together with one of those above they win: "compressed image". */
  imageWords: setOf(
    'image images picture pictures photo photos photoshop graphic graphics bitmap icon png gif bmp webp',
    'avif heic heif tif tiff ico svg jp2 jpx jxl psd raw',
  ),

  /** Of the form `family/…`. Not `multipart`: the form in which anything is uploaded. */
  mimeFamilies: setOf('text audio video font model message'),
  /** Of the form `application/…`. */
  applications: setOf(
    'zip x-zip x-zip-compressed gzip x-gzip x-tar x-gtar x-bzip x-bzip2 x-xz zstd x-7z-compressed',
    'vnd.rar x-rar x-rar-compressed x-compressed x-lzh-compressed vnd.ms-cab-compressed x-cab',
    'java-archive x-java-archive java-vm x-apple-diskimage x-iso9660-image',
    'vnd.android.package-archive vnd.debian.binary-package x-debian-package x-rpm',
    'x-msdownload x-msdos-program x-dosexec x-exe exe x-winexe x-ms-installer x-msi x-ms-shortcut',
    'vnd.microsoft.portable-executable x-executable x-elf x-sharedlib x-mach-binary wasm',
    'x-sh x-shellscript x-csh x-bat x-powershell x-vbs hta javascript x-javascript ecmascript',
    'pdf x-pdf msword rtf postscript epub+zip x-shockwave-flash vnd.adobe.flash.movie',
    'json xml xhtml+xml yaml x-yaml sql vnd.sqlite3 x-sqlite3 ogg mp4 vnd.apple.mpegurl x-mpegurl',
    'dash+xml font-woff font-woff2 vnd.ms-fontobject',
  ),
  applicationPrefixes: [
    'vnd.openxmlformats-officedocument.',
    'vnd.oasis.opendocument.',
    'vnd.ms-excel',
    'vnd.ms-powerpoint',
    'vnd.ms-word',
    'x-font-',
  ],
  applicationSuffixes: ['+json', '+xml', '+zip'],
} as const;
