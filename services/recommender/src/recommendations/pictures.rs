//! Product pictures: fetched by the device, made anew ([`picture_file`]), kept
//! in a folder of bounded size, and served from there, so that a page loads
//! nothing from elsewhere and has its pictures without the network too.
//!
//! A picture is asked for by its id, a hash of where it comes from. Only where a
//! card's picture is can be asked for: an id that no card has leads nowhere.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::http::{Http, host};
use super::picture_file::{self, Kind, MAX_BYTES, Picture, make_anew};
use super::{PictureSource, ProductCard};

/// Bytes of the folder.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Sources that are known; more than cards are kept.
const MOST_SOURCES: usize = 20_000;
/// A kept picture is asked for again after this time: shops change them.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// One that can't be had is not asked for again before.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// Pictures on their way, each up to 8 MiB, and decoded, at once: a decoder may
/// take 200 MB for a moment.
const FETCHES: usize = 4;
const DECODES: usize = 1;
/// A picture has more bytes than an answer.
const TIMES_LONGER: u32 = 5;

/// See the module's text.
#[derive(Debug)]
pub struct Pictures {
    http: Http,
    folder: PathBuf,
    known: Mutex<HashMap<String, Known>>,
    fetches: Semaphore,
    decodes: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
struct Known {
    source: PictureSource,
    /// Held by the one who fetches it.
    flight: Arc<tokio::sync::Mutex<()>>,
    /// It could not be had: not asked for again before.
    retry_at: Option<Instant>,
    noted: Instant,
}

/// Why a picture can't be had. Each says where it is.
#[derive(Debug, thiserror::Error)]
enum PictureError {
    #[error("the address leads into the shop's own network")]
    Address,
    #[error(transparent)]
    Http(#[from] super::http::HttpError),
    #[error("status {0}")]
    Status(u16),
    #[error(transparent)]
    File(#[from] picture_file::PictureFileError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Pictures {
    /// Those in `folder`, made if absent.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn open(folder: PathBuf, http: Http) -> std::io::Result<Arc<Self>> {
        std::fs::create_dir_all(&folder)?;
        Ok(Arc::new(Self {
            http,
            folder,
            known: Mutex::default(),
            fetches: Semaphore::new(FETCHES),
            decodes: Arc::new(Semaphore::new(DECODES)),
        }))
    }

    /// Makes the cards' pictures known: only these can be asked for.
    pub fn note(&self, cards: &[ProductCard]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = Instant::now();
        for source in cards.iter().filter_map(|card| card.picture.as_ref()) {
            let entry = known.entry(id(source)).or_insert_with(|| Known {
                source: source.clone(),
                flight: Arc::default(),
                retry_at: None,
                noted,
            });
            entry.noted = noted;
        }
        if known.len() > MOST_SOURCES {
            let mut times: Vec<Instant> = known.values().map(|known| known.noted).collect();
            let (_, middle, _) = times.select_nth_unstable(MOST_SOURCES / 2);
            let middle = *middle;
            known.retain(|_, known| known.noted >= middle);
        }
    }

    /// Fetches the cards' pictures that are not there yet, in the background.
    pub fn prefetch(self: &Arc<Self>, cards: &[ProductCard]) {
        for source in cards.iter().filter_map(|card| card.picture.as_ref()) {
            let (pictures, id) = (Arc::clone(self), id(source));
            tokio::spawn(async move { pictures.get(&id).await });
        }
    }

    /// The picture with this id; `None` when no card has it, or it can't be had.
    pub async fn get(self: &Arc<Self>, id: &str) -> Option<Picture> {
        let known = self.lock().get(id).cloned()?;
        if let Some((picture, age)) = self.read(id).await {
            if age > KEEP || self.changed(&known.source, age) {
                let (pictures, id) = (Arc::clone(self), id.to_owned());
                tokio::spawn(async move { pictures.fetch(&id, known, true).await });
            }
            return Some(picture);
        }
        // To its end, also when the browser has gone: the next one finds it.
        let (pictures, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move { pictures.fetch(&id, known, false).await }).await.ok()?
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Once for all who ask at the same time; `anew` although it is there.
    async fn fetch(self: &Arc<Self>, id: &str, known: Known, anew: bool) -> Option<Picture> {
        let _flight = known.flight.lock().await;
        let retry_at = self.lock().get(id)?.retry_at;
        if retry_at.is_some_and(|retry_at| Instant::now() < retry_at) {
            return None;
        }
        if let Some((picture, age)) = self.read(id).await
            && (!anew || age < RETRY_AFTER)
        {
            return Some(picture);
        }
        let result = self.load(&known.source).await;
        let outcome = if result.is_ok() { "picture" } else { "failure" };
        metrics::counter!("mirror_pictures_fetched_total", "outcome" => outcome).increment(1);
        match result {
            Ok(picture) => {
                self.keep(id, &picture).await;
                Some(picture)
            }
            Err(error) => {
                tracing::warn!(picture = place(&known.source), %error, "Product picture not shown");
                if let Some(known) = self.lock().get_mut(id) {
                    known.retry_at = Some(Instant::now() + RETRY_AFTER);
                }
                None
            }
        }
    }

    async fn load(&self, source: &PictureSource) -> Result<Picture, PictureError> {
        // Until it is decoded: files that wait for that take room too.
        let _place = self.fetches.acquire().await.expect("it is never closed");
        let file = match source {
            PictureSource::File(path) => read_bounded(path.clone()).await?,
            PictureSource::Url(url) => {
                if !self.http.may_fetch(url) {
                    return Err(PictureError::Address);
                }
                let request = self.http.get(url.clone()).timeout(self.http.total() * TIMES_LONGER);
                let reply = self.http.send_within(request, MAX_BYTES).await?;
                if !reply.status.is_success() {
                    return Err(PictureError::Status(reply.status.as_u16()));
                }
                reply.body
            }
        };
        let place = Arc::clone(&self.decodes).acquire_owned().await.expect("it is never closed");
        let make = move || {
            let _place = place;
            make_anew(&file)
        };
        let made = tokio::task::spawn_blocking(make).await;
        Ok(made.map_err(|error| std::io::Error::other(error.to_string()))??)
    }

    fn path(&self, id: &str, kind: Kind) -> PathBuf {
        self.folder.join(format!("{id}.{}", kind.extension()))
    }

    /// The kept picture, and how long ago it was made.
    async fn read(&self, id: &str) -> Option<(Picture, Duration)> {
        let paths = Kind::ALL.map(|kind| (kind, self.path(id, kind)));
        let read = move || {
            paths.into_iter().find_map(|(kind, path)| {
                let age = age(&path)?;
                Some((Picture { data: std::fs::read(path).ok()?, kind }, age))
            })
        };
        tokio::task::spawn_blocking(read).await.ok()?
    }

    /// A local file counts as changed when it is newer than the picture made of it.
    fn changed(&self, source: &PictureSource, age_of_picture: Duration) -> bool {
        matches!(source, PictureSource::File(path) if age(path).is_some_and(|age| age < age_of_picture))
    }

    /// Best effort: a picture that can't be kept is shown all the same.
    async fn keep(&self, id: &str, picture: &Picture) {
        let (path, folder) = (self.path(id, picture.kind), self.folder.clone());
        let others = Kind::ALL.into_iter().filter(|kind| *kind != picture.kind);
        let others: Vec<PathBuf> = others.map(|kind| self.path(id, kind)).collect();
        let data = picture.data.clone();
        let write = move || {
            // Whole or not at all, also when the plug is pulled.
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            std::io::Write::write_all(&mut file, &data)?;
            file.persist(&path).map_err(|error| error.error)?;
            others.iter().for_each(|other| drop(std::fs::remove_file(other)));
            make_room(&folder)
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other).flatten();
        if let Err(error) = written {
            tracing::warn!(folder = %self.folder.display(), %error, "Product picture not kept");
        }
    }
}

/// The id of the picture that comes from there.
#[must_use]
pub fn id(source: &PictureSource) -> String {
    match source {
        PictureSource::Url(url) => digest(url.as_str()),
        PictureSource::File(path) => digest(&path.to_string_lossy()),
    }
}

/// The first 128 bits of a text's SHA-256, in hex.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where it comes from, for the log: no query, which may hold a key.
fn place(source: &PictureSource) -> String {
    match source {
        PictureSource::Url(url) => format!("{}{}", host(url), url.path()),
        PictureSource::File(path) => path.display().to_string(),
    }
}

fn age(path: &Path) -> Option<Duration> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    Some(SystemTime::now().duration_since(modified).unwrap_or_default())
}

async fn read_bounded(path: PathBuf) -> std::io::Result<Vec<u8>> {
    let read = move || {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
}

/// Over the limit, the oldest go.
fn make_room(folder: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // Another picture may just have been put in its place.
        let Ok(metadata) = entry.metadata() else { continue };
        files.push((metadata.modified()?, metadata.len(), entry.path()));
    }
    let mut bytes: u64 = files.iter().map(|(_, size, _)| size).sum();
    files.sort();
    for (_, size, path) in files {
        if bytes <= MOST_BYTES {
            break;
        }
        let _ = std::fs::remove_file(path);
        bytes -= size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::http::Limits;
    use super::*;

    fn card(source: PictureSource) -> ProductCard {
        ProductCard { picture: Some(source), ..ProductCard::default() }
    }

    fn png(path: &Path, width: u32) {
        image::RgbImage::new(width, 10).save(path).unwrap();
    }

    fn pictures(folder: &Path) -> Arc<Pictures> {
        Pictures::open(folder.join("kept"), Http::new(&Limits::default(), []).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn only_what_a_card_shows_can_be_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hat.png");
        png(&path, 30);
        let pictures = pictures(folder.path());
        let source = PictureSource::File(path);
        let id = id(&source);
        assert!(pictures.get(&id).await.is_none(), "no card has it yet");
        pictures.note(&[card(source)]);
        assert_eq!(pictures.get(&id).await.unwrap().kind, Kind::Jpeg);
        for id in ["", "../../mirror.db", "0123"] {
            assert!(pictures.get(id).await.is_none(), "{id}");
        }
    }

    #[tokio::test]
    async fn a_kept_picture_needs_its_source_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hat.png");
        png(&path, 30);
        let source = PictureSource::File(path.clone());
        let id = id(&source);
        let before = pictures(folder.path());
        before.note(&[card(source.clone())]);
        let picture = before.get(&id).await.unwrap();
        std::fs::remove_file(path).unwrap();
        let restarted = pictures(folder.path());
        restarted.note(&[card(source)]);
        assert_eq!(restarted.get(&id).await.unwrap(), picture);
    }

    #[tokio::test]
    async fn an_address_inside_the_shop_is_never_asked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a.png", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let pictures = pictures(folder.path());
        let source = PictureSource::Url(url.parse().unwrap());
        pictures.note(&[card(source.clone())]);
        assert!(pictures.get(&id(&source)).await.is_none());
        let asked = futures::FutureExt::now_or_never(listener.accept());
        assert!(asked.is_none(), "somebody connected");
    }

    #[test]
    fn the_folder_is_bounded_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3600);
        for number in 0..5_u32 {
            let file = std::fs::File::create(folder.path().join(format!("{number}.jpg"))).unwrap();
            file.set_len(MOST_BYTES / 4).unwrap();
            file.set_modified(SystemTime::now() - hour * (5 - number)).unwrap();
        }
        make_room(folder.path()).unwrap();
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]);
    }
}
