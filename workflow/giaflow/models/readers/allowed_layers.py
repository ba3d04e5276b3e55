"""What a network from outside may be made of: Keras classes and functions that compute tensors.

Keras's safe mode forbids some names; these lists allow some names, and nothing else. None of these
reads or writes a file, calls a function that the file names, or changes global state. Layers that
distort images or split texts are left out, as no sequence network needs them.
"""


def _words(text):
    return set(text.split())


MODELS = {"Functional", "Model", "Sequential"}
MODEL_MODULES = {
    "keras", "keras.models", "keras.engine.functional", "keras.engine.sequential",
    "keras.engine.training", "keras.src.models.functional", "keras.src.models.model",
    "keras.src.models.sequential", "keras.src.engine.functional", "keras.src.engine.sequential",
}  # fmt: skip

_BY_DIMENSION = {
    f"{name}{dimension}D"
    for dimension in (1, 2, 3)
    for name in (
        "AdaptiveAveragePooling", "AdaptiveMaxPooling", "AveragePooling", "AvgPool", "Conv",
        "ConvLSTM", "Cropping", "GlobalAveragePooling", "GlobalAvgPool", "GlobalMaxPool",
        "GlobalMaxPooling", "MaxPool", "MaxPooling", "SpatialDropout", "UpSampling", "ZeroPadding",
        "Convolution",
    )
}  # fmt: skip
_TRANSPOSED = {f"{name}{d}DTranspose" for d in (1, 2, 3) for name in ("Conv", "Convolution")}
LAYERS = (
    _BY_DIMENSION
    | _TRANSPOSED
    | _words(
        """
    Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average
    BatchNormalization Bidirectional Concatenate Dense DepthwiseConv1D DepthwiseConv2D Dot
    Dropout ELU EinsumDense Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise
    GroupNormalization GroupQueryAttention Identity InputLayer LSTM LSTMCell
    LayerNormalization LeakyReLU Masking Maximum Minimum MultiHeadAttention Multiply
    Normalization PReLU Permute RMSNormalization RNN ReLU RepeatVector Rescaling Reshape
    ReversibleEmbedding SeparableConv1D SeparableConv2D SeparableConvolution1D
    SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax SpectralNormalization
    StackedRNNCells Subtract TimeDistributed UnitNormalization
    """
    )
)
LAYER_MODULES = {"keras.layers"}

# Without operations that call a function they are given: Map, Scan, Cond, WhileLoop, ...
OPERATIONS = {
    "keras.src.ops.core": """
        Cast SaturateCast ConvertToTensor Scatter ScatterUpdate Slice SliceUpdate StopGradient
        Unstack
    """,
    "keras.src.ops.numpy": """
        Abs Absolute Add All Amax Amin Any Append Arccos Arccosh Arcsin Arcsinh Arctan Arctan2
        Arctanh Argmax Argmin Argpartition Argsort Average BroadcastTo Cbrt Ceil Clip Concatenate
        Copy Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum Deg2rad Diag Diagflat Diagonal
        Diff Digitize Divide DivideNoNan Dot Einsum Equal Exp Exp2 ExpandDims Expm1 Fabs Flip Fliplr
        Flipud Floor FloorDivide Fmax Fmin Fmod FullLike GetItem Greater GreaterEqual Heaviside
        Hstack Hypot Inner Isclose Isfinite Isinf Isnan Kron Less LessEqual Log Log10 Log1p Log2
        Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Matmul Max Maximum Mean
        Median Min Minimum Mod Moveaxis Multiply NanToNum Nanmax Nanmean Nanmin Nanstd Nansum Nanvar
        Negative Nonzero NotEqual OnesLike Outer Pad Percentile Power Prod Ptp Quantile Rad2deg
        Ravel Real Reciprocal Repeat Reshape Roll Rot90 Round Select Sign Signbit Sin Sinc Sinh Sort
        Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan Tanh
        Tensordot Tile Trace Transpose Trapezoid Tril Triu TrueDivide Trunc Var Vdot Vstack Where
        ZerosLike
    """,
    "keras.src.ops.nn": """
        AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm Celu Conv ConvTranspose
        DepthwiseConv DotProductAttention Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh
        LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments Normalize OneHot RMSNorm Relu
        Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus Softsign SparsePlus
        SparseSigmoid Sparsemax Squareplus TanhShrink Threshold
    """,
    "keras.src.ops.math": """
        Erf Erfc Erfinv Logsumexp Rsqrt SegmentMax SegmentMin SegmentProd SegmentSum TopK
    """,
    "keras.src.ops.linalg": "Norm",
}
OPERATIONS = {module: _words(names) for module, names in OPERATIONS.items()}

ACTIVATIONS = _words(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
    softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh
    tanh_shrink threshold
    """
)  # fmt: skip
# Layers that are activations too.
ACTIVATION_LAYERS = {"Activation", "ELU", "Identity", "LeakyReLU", "PReLU", "ReLU", "Softmax"}
ACTIVATION_MODULES = {"builtins", "keras.activations", None}

INITIALIZERS = _words(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer
    LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform
    TruncatedNormal VarianceScaling Zeros constant glorot_normal glorot_uniform he_normal
    he_uniform identity lecun_normal lecun_uniform normal one ones orthogonal random_normal
    random_uniform truncated_normal uniform variance_scaling zero zeros
    """
)  # fmt: skip
CONSTRAINTS = _words(
    """
    MaxNorm MinMaxNorm NonNeg UnitNorm max_norm min_max_norm non_neg unit_norm
    """
)  # fmt: skip
REGULARIZERS = _words(
    """
    L1 L1L2 L2 OrthogonalRegularizer l1 l1l2 l1_l2 l2 orthogonal_regularizer
    """
)  # fmt: skip
DTYPES = {"DTypePolicy", "FloatDTypePolicy", "Policy"}
DTYPE_MODULES = {
    "keras",
    "keras.dtype_policies",
    "keras.mixed_precision",
    "keras.mixed_precision.policy",
}
# Data in the calls of layers, and the only objects there.
DATA = {
    "__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__", "__tuple__",
    "__bytes__",
}  # fmt: skip
