//! What is wrong with a recording, as a sentence: the code alone says nothing to whoever checks a delivery.

use anyhow::anyhow;
use recording::Broken;

/// An error that says what is wrong with the recording, and the code for those who look it up.
pub(crate) fn explained(broken: Broken) -> anyhow::Error {
    let what = match broken {
        Broken::Message(why) => return anyhow!("the recording: its header or manifest: {why}"),
        Broken::Untrusted(why) => {
            return anyhow!("the recording is not signed by this home's recorder: {why}");
        }
        Broken::OtherRecorder => "a header names another recorder than the one that signed it",
        Broken::Torn => "it ends within a chunk",
        Broken::Shape => "some of its bytes are no chunk",
        Broken::Order => "a chunk is missing, repeated or out of order",
        Broken::Link => "a chunk does not follow the one before it: something was changed",
        Broken::Init => "the decoder's settings are missing at the beginning, or stand elsewhere",
        Broken::Time => "its time goes back",
        Broken::AfterFinal => "something follows its last chunk",
        Broken::NotClosed => "its end is missing, or is another one than the manifest says",
        Broken::Count => "it has more or fewer chunks than the manifest says",
        Broken::Head => "its last chunk is another one than the manifest says",
        Broken::Entry => "its times or gaps differ from the manifest",
        Broken::Parts => "a part is missing, too many, or another one than the manifest says",
        Broken::OtherRecording => "header and manifest are of different recordings or visits",
        Broken::OtherKey => "the key is not the one that the header promises",
        Broken::Seal => "a chunk was not sealed with the part's key in this place",
        Broken::Content => "an opened chunk does not hold what it says",
    };
    anyhow!("the recording: {what} ({})", broken.code())
}
