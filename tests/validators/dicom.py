"""Are DICOM files read and written as other programs do?

    python dicom.py CONCILIUM IMAGING WORK

CONCILIUM is the program, IMAGING the folder with `sts_dicom`, `sts` and `ibsi`, WORK an empty folder. Needs pydicom,
highdicom, SimpleITK and numpy (pip), dcmtk and dicom3tools (packages of the distribution). Prints a line for each check; exit
code 1 when one fails.
"""

import subprocess
import sys
from pathlib import Path

import highdicom
import numpy
import pydicom
import SimpleITK as sitk

PROGRAM, IMAGING, WORK = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
FAILED = []


def check(name, good, detail=""):
    print(f"{'ok    ' if good else 'FAILED'} {name} {detail}")
    if not good:
        FAILED.append(name)


def run(*args):
    return subprocess.run([str(arg) for arg in args], capture_output=True, text=True)


def concilium(*args):
    done = run(PROGRAM, "image", *args)
    check(f"image {' '.join(Path(str(arg)).name for arg in args)}", done.returncode == 0, done.stderr.strip())
    return done


def peer_series(folder):
    """The volume as SimpleITK (GDCM) reads it."""
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def same_volume(name, ours, peer):
    a, b = sitk.GetArrayFromImage(ours), sitk.GetArrayFromImage(peer)
    if a.shape != b.shape:
        return check(name, False, f"{a.shape} {b.shape}")
    values = float(numpy.abs(a.astype("f8") - b.astype("f8")).max())
    scale = float(numpy.abs(b.astype("f8")).max()) or 1.0
    geometry = max(
        numpy.abs(numpy.subtract(ours.GetOrigin(), peer.GetOrigin())).max(),
        numpy.abs(numpy.subtract(ours.GetSpacing(), peer.GetSpacing())).max(),
        numpy.abs(numpy.subtract(ours.GetDirection(), peer.GetDirection())).max(),
    )
    # Both scale in double precision, in another order of additions; NIfTI holds single-precision geometry, NRRD text.
    good = values <= 1e-12 * scale and geometry < 1e-4
    check(name, good, f"{a.shape} {ours.GetPixelIDTypeAsString()} values differ by {values:g}, geometry by {geometry:.1e}")


SERIES = {
    "CT": IMAGING / "sts_dicom/STS_003/CT/image",
    "MR": IMAGING / "sts_dicom/STS_003/MR_T1/image",
    "PET": IMAGING / "sts_dicom/STS_003/PET/image",
    "phantom": IMAGING / "ibsi/ibsi_1_ct_radiomics_phantom/dicom/image",
}


def volumes():
    for name, folder in SERIES.items():
        for ending in ["nrrd", "nii.gz"]:
            out = WORK / f"{name}.{ending}"
            concilium("convert", folder, out)
            same_volume(f"{name} as {ending} beside SimpleITK", sitk.ReadImage(str(out)), peer_series(folder))


SYNTAXES = {
    "implicit": ["dcmconv", "+ti"],
    "big-endian": ["dcmconv", "+tb"],
    "deflated": ["dcmconv", "+td"],
    "rle": ["dcmcrle"],
    "jpeg-lossless-sv1": ["dcmcjpeg", "+e1"],
    "jpeg-lossless": ["dcmcjpeg", "+el"],
    "jpeg-ls": ["dcmcjpls"],
    "jpeg-2000": None,
}


def syntaxes():
    """The phantom, whose pixels are signed 16-bit, once in every syntax."""
    for name, command in SYNTAXES.items():
        folder = WORK / name
        folder.mkdir()
        for path in sorted(SERIES["phantom"].iterdir())[20:30]:
            if command:
                run(*command, path, folder / path.name)
                continue
            data = pydicom.dcmread(path)
            data.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
            data.save_as(folder / path.name)
        out = WORK / f"{name}.nrrd"
        done = run(PROGRAM, "image", "convert", folder, out)
        if name == "jpeg-ls" and done.returncode != 0:
            check(f"{name} is refused by name", "1.2.840.10008.1.2.4.80" in done.stderr, done.stderr.strip()[-90:])
            continue
        check(f"{name} is read", done.returncode == 0, done.stderr.strip()[-120:])
        if done.returncode == 0:
            same_volume(f"{name} beside SimpleITK", sitk.ReadImage(str(out)), peer_series(folder))


def reference_mask(contours, image):
    """Even-odd by one ray to the left of each voxel's centre, all contours of a slice together."""
    depth, rows, columns = image.GetSize()[::-1]
    mask = numpy.zeros((depth, rows, columns), bool)
    y, x = numpy.mgrid[0:rows, 0:columns].astype("f8")
    for points in contours:
        index = numpy.array([image.TransformPhysicalPointToContinuousIndex(list(map(float, p))) for p in points])
        slice_ = int(round(index[:, 2].mean()))
        inside = numpy.zeros((rows, columns), bool)
        for (ax, ay, _), (bx, by, _) in zip(index, numpy.roll(index, -1, axis=0)):
            spans = (ay <= y) != (by <= y)
            if spans.any():
                inside ^= spans & (ax + (y - ay) / (by - ay if by != ay else 1.0) * (bx - ax) < x)
        mask[slice_] ^= inside
    return mask


STRUCTURES = {
    "CT": IMAGING / "sts_dicom/STS_003/CT/mask",
    "MR": IMAGING / "sts_dicom/STS_003/MR_T1/mask",
    "PET": IMAGING / "sts_dicom/STS_003/PET/mask",
    "phantom": IMAGING / "ibsi/ibsi_1_ct_radiomics_phantom/dicom/mask",
}


def structures():
    for name, folder in STRUCTURES.items():
        path = next(folder.iterdir())
        data = pydicom.dcmread(path)
        roi = data.ROIContourSequence[0]
        out = WORK / f"{name}-mask.nrrd"
        concilium("convert", path, out, "--on", SERIES[name], "--label", roi.ReferencedROINumber)
        ours = sitk.GetArrayFromImage(sitk.ReadImage(str(out))).astype(bool)
        contours = [numpy.array(c.ContourData, "f8").reshape(-1, 3) for c in roi.ContourSequence]
        peer = reference_mask(contours, peer_series(SERIES[name]))
        differ, n = int((ours ^ peer).sum()), int(peer.sum())
        # Centres that lie on an edge to the last bit may fall either way.
        check(f"{name} contours beside a second rasteriser", differ <= max(1, n // 1000), f"{differ} of {n} voxels differ")


def nifti_masks():
    """The masks that the data's makers rasterised from the same contours with a program of their own."""
    for name, part in {"CT": "CT", "MR": "MR_T1", "PET": "PET"}.items():
        path = IMAGING / f"sts/STS_003/{part}_mask.nii.gz"
        if path.exists():
            theirs, ours = (sitk.ReadImage(str(p)) for p in [path, WORK / f"{name}-mask.nrrd"])
            theirs = sitk.Resample(theirs, ours, sitk.Transform(), sitk.sitkNearestNeighbor)
            a, b = (sitk.GetArrayFromImage(image) > 0 for image in [ours, theirs])
            dice = 2 * (a & b).sum() / (a.sum() + b.sum())
            print(f"       {name} mask beside the makers' NIfTI: Dice {dice:.4f} ({a.sum()} and {b.sum()} voxels)")


def written():
    for name in ["CT", "PET"]:
        mask, seg, sr = WORK / f"{name}-mask.nrrd", WORK / f"{name}-seg.dcm", WORK / f"{name}-sr.dcm"
        concilium("measure", SERIES[name], mask, "--seg", seg, "--sr", sr, "--out", WORK / f"{name}.csv")
        # What is wrong with the patient and study of the data (a Study ID of 17 characters) stays wrong in what is made of it.
        known = errors(next(SERIES[name].iterdir()))
        for path in [seg, sr]:
            verified(path, known)
        read_back(name, mask, seg)
        again = WORK / f"{name}-again.nrrd"
        concilium("convert", seg, again, "--on", SERIES[name])
        a, b = (sitk.GetArrayFromImage(sitk.ReadImage(str(path))) for path in [mask, again])
        check(f"{name} SEG comes back as it went out", (a == b).all())
        measurements(name, sr)


def errors(path):
    done = run("dciodvfy", path)
    return {line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")}


def verified(path, known):
    new = sorted(errors(path) - known)
    check(f"dciodvfy {path.name}", not new, "; ".join(new[:4]))
    done = run("dcmdump", "-q", path)
    check(f"dcmdump {path.name}", done.returncode == 0 and "E:" not in done.stderr and "W:" not in done.stderr, done.stderr[:200])


def read_back(name, mask, seg):
    data = highdicom.seg.segread(seg)
    peer = sitk.GetArrayFromImage(sitk.ReadImage(str(mask))).astype(bool)
    uids = [pydicom.dcmread(path, stop_before_pixels=True) for path in SERIES[name].iterdir()]
    uids.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    theirs = data.get_pixels_by_source_instance([one.SOPInstanceUID for one in uids], ignore_spatial_locations=True,
                                                assert_missing_frames_are_empty=True)[..., 0]
    check(f"{name} SEG read by highdicom", theirs.shape == peer.shape and (theirs.astype(bool) == peer).all())


def measurements(name, sr):
    done = run("dsrdump", "+Pf", "-Ei", sr)
    check(f"dsrdump {sr.name}", done.returncode == 0 and "E:" not in done.stderr, done.stderr[:300])
    report = highdicom.sr.srread(sr)
    groups = report.content.get_volumetric_roi_measurement_groups()
    numbers = groups[0].get_measurements()
    table = (line.split(",") for line in (WORK / f"{name}.csv").read_text().splitlines()[1:])
    wanted = [float(row[1]) for row in table if row[1]]
    read = [float(item.value) for item in numbers]
    good = len(groups) == 1 and len(read) == len(wanted) and numpy.allclose(read, wanted, rtol=1e-8, atol=0)
    check(f"{name} SR read by highdicom", good, f"{len(read)} of {len(wanted)} measurements")
    check(f"{name} SR names its segment", groups[0].referenced_segment is not None)


volumes()
syntaxes()
structures()
nifti_masks()
written()
sys.exit(1 if FAILED else 0)
