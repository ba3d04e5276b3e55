"""Named arrays as netCDF through xarray, with units and provenance inside."""

import json

import numpy as np
import xarray as xr

from giaflow.io.files import atomic


def write_arrays(dataset, path, provenance):
    """Write a dataset as netCDF 4, compressed, atomically.

    Parameters
    ----------
    dataset : xarray.Dataset
        Named dimensions; every variable whose values have one carries a ``units`` attribute.
    path : str or pathlib.Path
    provenance : dict
        JSON values: versions, hashes, seed. Stored in the attribute ``provenance``.
    """
    dataset = dataset.assign_attrs(provenance=json.dumps(provenance, sort_keys=True))
    packed = {
        name: {"zlib": True, "complevel": 3}
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind in "iuf" and variable.size
    }
    # Written in memory first: a compressed HDF5 write into a full disk kills the process.
    image = dataset.to_netcdf(engine="h5netcdf", encoding=packed)
    with atomic(path) as temporary:
        temporary.write_bytes(image)


def read_arrays(path):
    """Read a dataset written by `write_arrays` into memory."""
    with xr.open_dataset(path, engine="h5netcdf", cache=False) as dataset:
        return dataset.load()


def provenance_of(dataset):
    """The provenance of a dataset written by `write_arrays`, as a dict."""
    return json.loads(dataset.attrs["provenance"])


def sequences_dataset(codes, coordinates, masked=None):
    """Bind codes (N, L) and per-sequence columns into one dataset.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    coordinates : dict of str to sequence
        One value per sequence, for example ``name``, ``chrom``, ``start``.
    masked : numpy.ndarray, optional
        (N, L) bool, True where the letter was lower case (soft-masked).
    """
    variables = {"codes": (("sequence", "position"), codes, {"units": "code: A C G T unknown"})}
    if masked is not None:
        variables["masked"] = (("sequence", "position"), masked.astype(np.uint8), {"units": "bool"})
    coords = {key: ("sequence", np.asarray(value)) for key, value in coordinates.items()}
    return xr.Dataset(variables, coords)
